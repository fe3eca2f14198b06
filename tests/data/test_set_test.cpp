#include "data/test_set.hpp"

#include "data/npz.hpp"
#include "tests/data/files.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace poseaug;
using namespace poseaug::testing;

TEST_CASE("load_test_set reads poses without cameras and refuses what does not fit") {
    const TemporaryFolder folder;
    const auto write = [&](std::vector<std::int64_t> shape3, std::vector<std::int64_t> shape2, float first) {
        const auto fill = [](const std::vector<std::int64_t>& shape) {
            return std::vector<float>(static_cast<std::size_t>(shape[0] * shape[1] * shape[2]), 0.5f);
        };
        std::vector<float> joints = fill(shape3);
        joints[50] = first;
        NpzWriter writer(folder / "test_3dhp.npz");
        writer.add("pose3d", Array::of(shape3, joints));
        writer.add("pose2d", Array::of(shape2, fill(shape2)));
        writer.commit();
    };
    const auto error = [&] { return error_of([&] { load_test_set(folder / "test_3dhp.npz"); }); };
    CHECK(contains(error(), "does not exist"));
    write({5, 16, 3}, {5, 16, 2}, 4);
    const PoseSet set = load_test_set(folder / "test_3dhp.npz");
    CHECK(set.size() == 5);
    CHECK(set.joints[50] == 4);
    CHECK(set.image.size() == 5 * 32);
    CHECK(set.camera.empty());
    REQUIRE(set.clips.size() == 1);
    CHECK(set.clips[0].count == 5);
    write({5, 17, 3}, {5, 16, 2}, 4);
    CHECK(contains(error(), "expected (poses, 16, 3)"));
    write({5, 16, 3}, {4, 16, 2}, 4);
    CHECK(contains(error(), "5 poses in pose3d but 4"));
    write({5, 16, 3}, {5, 16, 2}, std::numeric_limits<float>::quiet_NaN());
    CHECK(contains(error(), "not a number (pose 1)"));
    write({5, 16, 3}, {5, 16, 2}, 4000);
    CHECK(contains(error(), "millimetres"));
    NpzWriter writer(folder / "test_3dhp.npz");
    writer.add("pose3d", Array::of({1, 16, 3}, std::vector<float>(48, 0.0f)));
    writer.commit();
    CHECK(contains(error(), "pose2d"));
}

TEST_CASE("load_test_set: equal names in a row are a clip") {
    const TemporaryFolder folder;
    const std::vector<std::string> names = {"walk 1", "walk 1", "run", "walk 1", "walk 1", "walk 1"};
    TestSet given{std::vector<float>(6 * 48, 0.5f), std::vector<float>(6 * 32, 0.25f), names};
    given.pose3d[5 * 48] = 7;
    write_test_set(folder / "new", "3dpw", given);
    const PoseSet set = load_test_set(folder / "new" / "test_3dpw.npz");
    CHECK(set.joints == given.pose3d);
    CHECK(set.image == given.pose2d);
    REQUIRE(set.clips.size() == 3);
    CHECK(set.clips[0].subject == "3DPW");
    CHECK(set.clips[1].action == "run");
    CHECK(set.clips[2].action == "walk 1");
    CHECK(set.clips[2].first == 3);
    CHECK(set.clips[2].count == 3);
    CHECK(set.clips[2].sequence);
    given.sequence.pop_back();
    CHECK(contains(error_of([&] { write_test_set(folder / "bad", "3dpw", given); }), "elements"));
    CHECK_FALSE(std::filesystem::exists(folder / "bad"));
    CHECK(contains(error_of([&] { write_test_set(folder / "bad", "3dpw", {}); }), "no pose"));

    NpzWriter writer(folder / "test_3dpw.npz");
    writer.add("pose3d", Array::of({6, 16, 3}, given.pose3d));
    writer.add("pose2d", Array::of({6, 16, 2}, given.pose2d));
    writer.add("sequence", Array::of({5}, given.sequence));
    writer.commit();
    CHECK(contains(error_of([&] { load_test_set(folder / "test_3dpw.npz"); }), "a text a pose"));
}

TEST_CASE("a test set tells which annotation it is, where its writer said so") {
    const TemporaryFolder folder;
    TestSet set{std::vector<float>(48, 0.5F), std::vector<float>(32, 0.1F), {}, ""};
    write_test_set(folder / "data", "3dhp", set);
    CHECK(test_set_annotation(folder / "data" / "test_3dhp.npz").empty());
    set.annotation = "univ_annot3";
    write_test_set(folder / "data", "3dhp", set);
    CHECK(test_set_annotation(folder / "data" / "test_3dhp.npz") == "univ_annot3");
    CHECK(load_test_set(folder / "data" / "test_3dhp.npz").size() == 1);
}
