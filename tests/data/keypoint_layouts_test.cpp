#include "data/keypoint_layouts.hpp"

#include "tests/data/files.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace poseaug;
using namespace poseaug::testing;

namespace {

/// Keypoint k at (10 k, 1000 - k), which tells every keypoint from every other.
std::vector<ImagePoint> numbered(std::size_t count) {
    std::vector<ImagePoint> points;
    for (std::size_t k = 0; k < count; ++k)
        points.emplace_back(10 * static_cast<double>(k), 1000 - static_cast<double>(k));
    return points;
}

ImagePoint place(double k) { return {10 * k, 1000 - k}; }

void unsee(std::vector<ImagePoint>& points, std::initializer_list<std::size_t> which) {
    for (const std::size_t k : which) points[k].setConstant(std::numeric_limits<double>::quiet_NaN());
}

/// The 16 joints, each the mean of keypoints by number: the linear `numbered` makes a mean of places a mean of numbers.
void check_joints(const ImagePose& pose, const std::array<double, kJoints>& expected) {
    for (std::size_t j = 0; j < pose.size(); ++j) {
        INFO("joint ", j);
        CHECK((pose[j] - place(expected[j])).norm() < 1e-9);
    }
}

} // namespace

TEST_CASE("keypoint layouts: every joint of every layout, left on the left") {
    const auto map = [](const std::string& name, std::size_t keypoints) {
        return to_sixteen_joints(find_keypoint_layout(name, keypoints, "test"), numbered(keypoints));
    };
    // hip (11 + 12)/2, thorax (5 + 6)/2, spine their middle, head 5.5 + 1.55 (3.5 - 5.5) from the ears, 3 and 4
    check_joints(map("coco", 17), {11.5, 12, 14, 16, 11, 13, 15, 8.5, 5.5, 2.4, 5, 7, 9, 6, 8, 10});
    // neck 1, middle hip 8, ears 17 and 18
    check_joints(map("body25", 25), {8, 9, 10, 11, 12, 13, 14, 4.5, 1, 1 + 1.55 * 16.5, 5, 6, 7, 2, 3, 4});
    // neck 1, hips 8 and 11, ears 16 and 17
    check_joints(map("openpose18", 18), {9.5, 8, 9, 10, 11, 12, 13, 5.25, 1, 1 + 1.55 * 15.5, 5, 6, 7, 2, 3, 4});
    // 17 without neck or nose, 9
    check_joints(map("h36m", 17), {0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 16});
    check_joints(map("h36m", 16), {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15});
}

TEST_CASE("keypoint layouts: the head's top from what is seen of the face") {
    const KeypointLayout& coco = find_keypoint_layout("coco", 17, "test");
    std::vector<ImagePoint> person(17, ImagePoint::Zero());
    person[5] = {60, 200};
    person[6] = {40, 200}; // thorax (50, 200)
    person[3] = {58, 160};
    person[4] = {42, 160};
    person[1] = {54, 158};
    person[2] = {46, 158};
    person[0] = {50, 170};
    const auto head = [&] { return to_sixteen_joints(coco, person)[9]; };
    CHECK((head() - ImagePoint(50, 138)).norm() < 1e-9); // 200 - 1.55 * 40
    unsee(person, {3});
    CHECK((head() - ImagePoint(50 - 1.55 * 8, 138)).norm() < 1e-9); // one ear: in profile it hides the other
    unsee(person, {4});
    CHECK((head() - ImagePoint(50, 137)).norm() < 1e-9); // eyes: 200 - 1.5 * 42
    unsee(person, {1, 2});
    CHECK((head() - ImagePoint(50, 146)).norm() < 1e-9); // nose: 200 - 1.8 * 30
    unsee(person, {0});
    CHECK_FALSE(is_seen(head()));
}

TEST_CASE("keypoint layouts: what was not seen is missing, what can be derived is") {
    auto points = numbered(25);
    unsee(points, {8, 1, 14});
    const ImagePose pose = to_sixteen_joints(find_keypoint_layout("body25", 25, "test"), points);
    CHECK((pose[0] - place(10.5)).norm() < 1e-9); // middle of the hips 9 and 12
    CHECK((pose[8] - place(3.5)).norm() < 1e-9);  // middle of the shoulders 2 and 5
    CHECK((pose[7] - place(7)).norm() < 1e-9);
    CHECK_FALSE(is_seen(pose[6]));
    unsee(points, {9});
    const ImagePose less = to_sixteen_joints(find_keypoint_layout("body25", 25, "test"), points);
    for (const std::size_t joint : {0, 1, 7}) CHECK_FALSE(is_seen(less[joint]));
    CHECK(is_seen(less[4]));
}

TEST_CASE("keypoint layouts: names, numbers and sides") {
    CHECK(guess_keypoint_layout(17, "coco") == "coco");
    CHECK(guess_keypoint_layout(17, "h36m") == "h36m");
    CHECK(guess_keypoint_layout(25, "coco") == "body25");
    CHECK(guess_keypoint_layout(16, "coco") == "h36m");
    CHECK(guess_keypoint_layout(21, "coco").empty());
    CHECK(contains(error_of([] { find_keypoint_layout("coco", 25, "a.json"); }), "a.json: 25 keypoints a person; the "
                                                                                 "layout coco has 17"));
    CHECK(contains(error_of([] { find_keypoint_layout("mpii", 16, "a.json"); }), "coco, body25, openpose18, h36m"));
    const std::vector<int> coco_left = {1, 3, 5, 7, 9, 11, 13, 15}, h36m_left = {4, 5, 6, 11, 12, 13};
    CHECK(agrees_with_left(find_keypoint_layout("coco", 17, ""), coco_left));
    CHECK(agrees_with_left(find_keypoint_layout("h36m", 17, ""), h36m_left));
    CHECK_FALSE(agrees_with_left(find_keypoint_layout("h36m", 17, ""), coco_left));
    CHECK_FALSE(agrees_with_left(find_keypoint_layout("coco", 17, ""), {2, 4, 6, 8, 10, 12, 14, 16}));
}
