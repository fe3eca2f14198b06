#include "data/h36m.hpp"

#include "data/cameras.hpp"
#include "data/npz.hpp"
#include "tests/data/files.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

using namespace poseaug;
using namespace poseaug::testing;

namespace {

constexpr int from_32[16] = {0, 1, 2, 3, 6, 7, 8, 12, 13, 15, 17, 18, 19, 25, 26, 27};

template <class T> Value value_of(T content) {
    Value value;
    value.data.emplace<T>(std::move(content));
    return value;
}

Value text(const char* words) { return value_of(std::string(words)); }

/// What a test changes of the files it writes.
struct Layout {
    std::int64_t frames = 8, joints_3d = 32, columns_3d = 3;
    std::int64_t frames_2d = 10, joints_2d = 17, columns_2d = 2, cameras = 4;
    std::string subject_2d = "S1", missing_action;
    float bad_position = 0, bad_pixel = 0;
};

/// A number that tells frame, joint and axis.
double mark(std::int64_t frame, std::int64_t joint, std::int64_t k) {
    return 0.1 * static_cast<double>(frame) + 0.01 * static_cast<double>(joint) + 0.3 * static_cast<double>(k);
}

double pixel_mark(std::int64_t camera, std::int64_t frame, std::int64_t joint, std::int64_t k) {
    return 100 * static_cast<double>(camera) + 20 * static_cast<double>(frame) + static_cast<double>(joint) +
           0.5 * static_cast<double>(k);
}

Value positions(const Layout& layout) {
    std::vector<float> values;
    for (std::int64_t f = 0; f < layout.frames; ++f)
        for (std::int64_t j = 0; j < layout.joints_3d; ++j)
            for (std::int64_t k = 0; k < layout.columns_3d; ++k) values.push_back(static_cast<float>(mark(f, j, k)));
    if (layout.bad_position != 0) values[4] = layout.bad_position;
    return value_of(Array::of({layout.frames, layout.joints_3d, layout.columns_3d}, values));
}

Value detections(const Layout& layout) {
    List cameras;
    for (std::int64_t c = 0; c < layout.cameras; ++c) {
        std::vector<float> values;
        for (std::int64_t f = 0; f < layout.frames_2d; ++f)
            for (std::int64_t j = 0; j < layout.joints_2d; ++j)
                for (std::int64_t k = 0; k < layout.columns_2d; ++k)
                    values.push_back(k < 2 ? static_cast<float>(pixel_mark(c, f, j, k))
                                           : std::numeric_limits<float>::quiet_NaN());
        if (layout.bad_pixel != 0) values[3] = layout.bad_pixel;
        cameras.push_back(value_of(Array::of({layout.frames_2d, layout.joints_2d, layout.columns_2d}, values)));
    }
    return value_of(std::move(cameras));
}

/// Subjects S5 (one action) and S1 (two), in this order.
void write_files(const TemporaryFolder& folder, const Layout& layout, const std::string& key_3d = "positions_3d") {
    const auto write = [&](const char* name, const std::string& key, const auto& content, const std::string& s1,
                           const std::string& missing) {
        Dict subjects;
        for (const std::string& subject : {std::string("S5"), s1}) {
            Dict actions;
            for (const char* action : {"Walking 1", "Any name at all"})
                if (action != missing && (subject != "S5" || action == std::string("Walking 1")))
                    actions.emplace_back(text(action), content(layout));
            subjects.emplace_back(value_of(subject), value_of(std::move(actions)));
        }
        NpzWriter writer(folder / name);
        writer.add_object(key, value_of(std::move(subjects)));
        writer.commit();
    };
    write("data_3d_h36m.npz", key_3d, positions, "S1", "");
    write("data_2d_h36m_hr.npz", "positions_2d", detections, layout.subject_2d, layout.missing_action);
}

std::string load_error(const Layout& layout) {
    const TemporaryFolder folder;
    write_files(folder, layout);
    const std::string message = error_of([&] { load_h36m(folder / "", "hr", {"S1"}); });
    CHECK(contains(message, (folder / "").string())); // every message names the file
    return message;
}

} // namespace

TEST_CASE("load_h36m chooses joints, cuts lengths, changes to camera space and normalises") {
    for (const std::int64_t joints_3d : {16, 17, 32}) {
        for (const std::int64_t joints_2d : {16, 17}) {
            CAPTURE(joints_3d);
            CAPTURE(joints_2d);
            const TemporaryFolder folder;
            Layout layout;
            layout.joints_3d = joints_3d;
            layout.joints_2d = joints_2d;
            layout.columns_2d = joints_2d == 17 ? 3 : 2; // with a confidence, which may even be no number
            write_files(folder, layout);
            const PoseSet set = load_h36m(folder / "", "hr", {"S1"});
            REQUIRE(set.size() == 2 * 4 * 8);
            REQUIRE(set.image.size() == 2 * 4 * 8 * 32);
            REQUIRE(set.camera.size() == 2 * 4 * 8 * 9);
            REQUIRE(set.clips.size() == 8);
            for (std::size_t clip = 0; clip < 8; ++clip) {
                const Clip& c = set.clips[clip];
                CHECK(c.subject == "S1");
                CHECK(c.action == (clip < 4 ? "Walking 1" : "Any name at all"));
                CHECK(c.camera == static_cast<int>(clip % 4));
                CHECK(c.first == static_cast<std::int64_t>(clip) * 8);
                CHECK(c.count == 8);
                const PixelCamera& lens = h36m_intrinsics()[clip % 4];
                const CameraPlacement& placement = h36m_placements("S1")[clip % 4];
                const int frame = 5;
                for (int j = 0; j < 16; ++j) {
                    const int j3 = joints_3d == 32 ? from_32[j] : joints_3d == 17 && j >= 9 ? j + 1 : j;
                    const int j2 = joints_2d == 17 && j >= 9 ? j + 1 : j;
                    const Eigen::Vector3d world(static_cast<float>(mark(frame, j3, 0)),
                                                static_cast<float>(mark(frame, j3, 1)),
                                                static_cast<float>(mark(frame, j3, 2)));
                    const Eigen::Vector3d point = world_to_camera(placement, world);
                    const auto row = static_cast<std::size_t>(c.first + frame) * 16 + static_cast<std::size_t>(j);
                    for (std::size_t k = 0; k < 3; ++k)
                        CHECK(set.joints[row * 3 + k] == doctest::Approx(point[static_cast<int>(k)]).epsilon(1e-6));
                    const double u = pixel_mark(c.camera, frame, j2, 0), v = pixel_mark(c.camera, frame, j2, 1);
                    CHECK(set.image[row * 2] == doctest::Approx(2 * u / lens.width - 1).epsilon(1e-6));
                    CHECK(set.image[row * 2 + 1] ==
                          doctest::Approx(2 * v / lens.width - 1.0 * lens.height / lens.width).epsilon(1e-6));
                }
                const auto nine = normalised_intrinsics(lens);
                for (std::size_t k = 0; k < 9; ++k)
                    CHECK(set.camera[static_cast<std::size_t>(c.first + frame) * 9 + k] == static_cast<float>(nine[k]));
            }
        }
    }
}

TEST_CASE("load_h36m keeps the file's order of subjects and every stride-th frame") {
    const TemporaryFolder folder;
    write_files(folder, {});
    const PoseSet all = load_h36m(folder / "", "hr", {"S1", "S5"});
    CHECK(all.clips.front().subject == "S5");
    CHECK(all.clips.back().subject == "S1");
    CHECK(all.clips.size() == 12);
    const PoseSet third = load_h36m(folder / "", "hr", {"S1", "S5"}, 3);
    REQUIRE(third.clips.size() == 12);
    CHECK(third.clips[1].first == 3); // frames 0, 3, 6
    CHECK(third.clips[1].count == 3);
    for (std::size_t k = 0; k < 48; ++k) CHECK(third.joints[48 + k] == all.joints[3 * 48 + k]);
    CHECK(contains(error_of([&] { load_h36m(folder / "", "hr", {"S1"}, 0); }), "stride"));
}

TEST_CASE("load_h36m says what is missing and what there is") {
    const TemporaryFolder folder;
    const auto load = [&](const char* keypoints, std::vector<std::string> subjects) {
        return error_of([&] { load_h36m(folder / "", keypoints, subjects); });
    };
    CHECK(contains(load("hr", {"S1"}), "data_3d_h36m.npz is missing"));
    CHECK(contains(error_of([&] { load_h36m(folder / "nowhere", "hr", {"S1"}); }), "does not exist"));
    write_files(folder, {});
    const std::string other = load("cpn", {"S1"});
    CHECK(contains(other, "data_2d_h36m_cpn.npz is missing"));
    CHECK(contains(other, ": hr."));
    const std::string nobody = load("hr", {"S1", "S7"});
    CHECK(contains(nobody, "'S7'"));
    CHECK(contains(nobody, "S5, S1"));
    CHECK(contains(load("hr", {}), "No subject"));

    Layout layout;
    layout.subject_2d = "S8";
    CHECK(contains(load_error(layout), "no subject 'S1'; it holds S5, S8"));
    layout = {};
    layout.missing_action = "Any name at all";
    CHECK(contains(load_error(layout), "/S1/Any name at all is missing"));

    write_files(folder, {}, "something");
    CHECK(contains(load("hr", {"S1"}), "positions_3d"));
}

TEST_CASE("load_h36m refuses what does not fit") {
    const auto refused = [](auto change, const char* words) {
        Layout layout;
        change(layout);
        const std::string message = load_error(layout);
        CAPTURE(message);
        CHECK(contains(message, words));
    };
    refused([](Layout& l) { l.joints_3d = 15; }, "15 joints");
    refused([](Layout& l) { l.columns_3d = 2; }, "expected (frames, 32, 3)");
    refused([](Layout& l) { l.joints_2d = 18; }, "18 joints");
    refused([](Layout& l) { l.joints_2d = 32; }, "16 or 17");
    refused([](Layout& l) { l.columns_2d = 1; }, "16 or 17");
    refused([](Layout& l) { l.cameras = 3; }, "3 cameras");
    refused([](Layout& l) { l.cameras = 5; }, "5 cameras");
    refused([](Layout& l) { l.frames = 200, l.frames_2d = 160; }, "do not belong together");
    refused([](Layout& l) { l.bad_position = std::numeric_limits<float>::quiet_NaN(); }, "not a number");
    refused([](Layout& l) { l.bad_pixel = std::numeric_limits<float>::infinity(); }, "not a number");
    refused([](Layout& l) { l.bad_position = 1234; }, "millimetres");
    refused([](Layout& l) { l.frames = 0; }, "no frame");
}

TEST_CASE("load_h36m accepts a difference of some frames, either way") {
    const TemporaryFolder folder;
    Layout layout;
    layout.frames = 20;
    layout.frames_2d = 17;
    write_files(folder, layout);
    CHECK(load_h36m(folder / "", "hr", {"S5"}).size() == 17 * 4);
}

TEST_CASE("load_h36m refuses a broken archive and a plain array") {
    const TemporaryFolder folder;
    write_files(folder, {});
    std::ofstream(folder / "data_2d_h36m_broken.npz") << "PK, but no more";
    CHECK(contains(error_of([&] { load_h36m(folder / "", "broken", {"S1"}); }), "data_2d_h36m_broken.npz"));
    NpzWriter writer(folder / "data_2d_h36m_plain.npz");
    writer.add("positions_2d", Array::of({2}, std::vector<float>{1, 2}));
    writer.commit();
    CHECK(contains(error_of([&] { load_h36m(folder / "", "plain", {"S1"}); }), "dictionary"));
}

TEST_CASE("bone_length_templates are the means over a subject's frames") {
    const TemporaryFolder folder;
    write_files(folder, {});
    const auto templates = bone_length_templates(folder / "", {"S1", "S5"});
    REQUIRE(templates.size() == 2);
    REQUIRE(templates[0].size() == 15);
    // All coordinates of `mark` grow by 0.01 a joint: hip to right hip is one joint of the 32, thorax to head two.
    CHECK(templates[0][0] == doctest::Approx(0.01 * std::sqrt(3)).epsilon(1e-4));
    CHECK(templates[0][8] == doctest::Approx(0.02 * std::sqrt(3)).epsilon(1e-4));
    CHECK(contains(error_of([&] { bone_length_templates(folder / "", {"S9"}); }), "'S9'"));
}

TEST_CASE("real files in the public layout: positions project onto their ground-truth detections") {
    const char* root = std::getenv("POSEAUG_DATA");
    std::filesystem::path folder = root ? root : "";
    if (root && std::filesystem::exists(folder / "mocap")) folder /= "mocap";
    if (!root || !std::filesystem::exists(folder / "data_2d_h36m_gt.npz")) {
        MESSAGE("skipped: POSEAUG_DATA names no folder with data_2d_h36m_gt.npz");
        return;
    }
    const PoseSet set = load_h36m(folder, "gt", {"S1", "S9"}, 7);
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
}
