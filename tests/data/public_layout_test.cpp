#include "data/public_layout.hpp"

#include "data/h36m.hpp"
#include "data/npz.hpp"
#include "tests/data/files.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace poseaug;
using namespace poseaug::testing;

namespace {

/// Positions (frames, joints, 3) in the studio, each other than the rest.
Array positions(std::int64_t frames, std::int64_t joints) {
    std::vector<float> values;
    for (std::int64_t i = 0; i < frames * joints; ++i)
        for (int k = 0; k < 3; ++k)
            values.push_back(static_cast<float>(0.5 * std::sin(static_cast<double>(i * 3 + k))) +
                             (k == 2 ? 1.0F : 0.0F));
    return Array::of({frames, joints, 3}, values);
}

template <class T> Value value_of(T content) {
    Value value;
    value.data.emplace<T>(std::move(content));
    return value;
}

} // namespace

TEST_CASE("a folder written clip by clip is read as it was given") {
    const TemporaryFolder folder;
    PublicLayoutWriter writer(folder / "data", "mine");
    for (const std::string subject : {"S1", "S9"})
        for (const std::string action : {"Walking", "Walking 1"})
            writer.add(subject, action, positions(4, 32), film(subject, positions(4, 32)));
    CHECK_FALSE(std::filesystem::exists(folder / "data" / "data_3d_h36m.npz"));
    writer.commit();
    const PoseSet set = load_h36m(folder / "data", "mine", {"S1", "S9"});
    CHECK(set.size() == 2 * 2 * 4 * 4);
    REQUIRE(set.clips.size() == 16);
    CHECK(set.clips[15].subject == "S9");
    CHECK(set.clips[15].action == "Walking 1");
    double worst = 0;
    for (const Clip& clip : set.clips) {
        const PixelCamera& lens = h36m_intrinsics()[static_cast<std::size_t>(clip.camera)];
        for (std::int64_t row = clip.first * 16; row < (clip.first + clip.count) * 16; ++row) {
            const float* p = &set.joints[static_cast<std::size_t>(row) * 3];
            const float* seen = &set.image[static_cast<std::size_t>(row) * 2];
            const auto image = normalise_pixel(project_to_pixel(lens, {p[0], p[1], p[2]}), lens.width, lens.height);
            worst = std::max({worst, std::abs(image.x() - seen[0]), std::abs(image.y() - seen[1])});
        }
    }
    CHECK(worst < 1e-5);
    CHECK((folder / "data").filename() == "data");
    CHECK(std::distance(std::filesystem::directory_iterator(folder / "data"), {}) == 2);
}

TEST_CASE("clips written one by one give the bytes of the whole at once") {
    const TemporaryFolder folder;
    Dict first, second;
    first.emplace_back(value_of(std::string("Eating")), value_of(positions(3, 17)));
    first.emplace_back(value_of(std::string("Eating 1")), value_of(positions(2, 17)));
    second.emplace_back(value_of(std::string("Eating")), value_of(positions(5, 17)));
    Dict subjects;
    subjects.emplace_back(value_of(std::string("S1")), value_of(first));
    subjects.emplace_back(value_of(std::string("S5")), value_of(second));
    NpzWriter whole(folder / "whole.npz");
    whole.add_object("positions_3d", value_of(subjects));
    whole.commit();

    ClipFile clips(folder / "clips.npz", "positions_3d");
    clips.add("S1", "Eating", positions(3, 17));
    clips.add("S1", "Eating 1", positions(2, 17));
    clips.add("S5", "Eating", positions(5, 17));
    clips.commit();
    CHECK(read_file(folder / "clips.npz") == read_file(folder / "whole.npz"));
}

TEST_CASE("a folder that is not completed leaves nothing, and takes no clip twice") {
    const TemporaryFolder folder;
    const auto seen = film("S1", positions(2, 16));
    {
        PublicLayoutWriter writer(folder / "data");
        writer.add("S1", "Eating", positions(2, 16), seen);
        CHECK(contains(error_of([&] { writer.add("S1", "Eating", positions(2, 16), seen); }), "two clips 'Eating'"));
        writer.add("S5", "Eating", positions(2, 16), seen);
        CHECK(contains(error_of([&] { writer.add("S1", "Posing", positions(2, 16), seen); }), "follow each other"));
    }
    CHECK(folder.count() == 0);
    const FileSizeLimit limit(20'000);
    CHECK(contains(error_of([&] {
                       PublicLayoutWriter writer(folder / "data");
                       for (int i = 0; i < 100; ++i)
                           writer.add("S1", std::to_string(i), positions(9, 32), film("S1", positions(9, 32)));
                       writer.commit();
                   }),
                   "cannot be written"));
    CHECK(folder.count() == 0);
    write_file(folder / "file", "x");
    CHECK(contains(error_of([&] { PublicLayoutWriter(folder / "file"); }), "Cannot write into the folder"));
    std::filesystem::create_directories(folder / "data" / "data_3d_h36m.npz");
    CHECK(contains(error_of([&] { PublicLayoutWriter(folder / "data"); }), "a folder has this name"));
}

TEST_CASE("what cannot be filmed says why") {
    CHECK(contains(error_of([] { film("S2", positions(1, 16)); }), "calibration for subject 'S2'"));
    CHECK(contains(error_of([] { film("S1", positions(1, 24)); }), "24 joints"));
    CHECK(contains(error_of([] {
                       film("S1", Array::of({2}, std::vector<float>{1, 2}));
                   }),
                   "expected (frames, joints, 3)"));
    CHECK(joints_among(17, "a clip")[9] == 10);
    CHECK(joints_among(32, "a clip")[9] == 15);
}
