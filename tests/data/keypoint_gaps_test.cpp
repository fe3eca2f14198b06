#include "data/keypoint_gaps.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

using namespace poseaug;

namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

/// Frames in which joint j stands at (f + j, 2 f).
std::vector<float> moving(int frames) {
    std::vector<float> values;
    for (int f = 0; f < frames; ++f)
        for (int j = 0; j < kJoints; ++j) {
            values.push_back(static_cast<float>(f + j));
            values.push_back(static_cast<float>(2 * f));
        }
    return values;
}

float& at(std::vector<float>& frames, int frame, int joint, int k) {
    return frames[static_cast<std::size_t>((frame * kJoints + joint) * 2 + k)];
}

void lose(std::vector<float>& frames, int frame, int joint) {
    for (int k = 0; k < 2; ++k) at(frames, frame, joint, k) = kNan;
}

/// The figure that stands upright, legs and arms down, `scale` times as large; facing the camera if 1, away if -1.
ImagePose standing(double scale, double facing) {
    const double x[] = {0, -.09, -.09, -.09, .09, .09, .09, 0, 0, 0, .18, .21, .23, -.18, -.21, -.23};
    const double y[] = {0, 0, .46, .93, 0, .46, .93, -.27, -.53, -.77, -.49, -.25, 0, -.49, -.25, 0};
    ImagePose pose;
    for (std::size_t j = 0; j < pose.size(); ++j) pose[j] = {0.3 + scale * facing * x[j], -0.2 + scale * y[j]};
    return pose;
}

void lose(ImagePose& pose, std::initializer_list<std::size_t> joints) {
    for (const std::size_t joint : joints) pose[joint].setConstant(std::numeric_limits<double>::quiet_NaN());
}

} // namespace

TEST_CASE("interpolate_joints: straight over short gaps, nothing over long ones and at the ends") {
    const std::vector<float> whole = moving(12);
    std::vector<float> frames = whole;
    for (const int frame : {3, 4}) lose(frames, frame, 5);
    lose(frames, 4, 6);
    CHECK(interpolate_joints(frames, 2) == 3);
    for (std::size_t i = 0; i < whole.size(); ++i) CHECK(frames[i] == doctest::Approx(whole[i]));

    for (const int frame : {2, 3, 4}) lose(frames, frame, 5);
    CHECK(interpolate_joints(frames, 2) == 0);
    CHECK(std::isnan(at(frames, 3, 5, 0)));
    CHECK(interpolate_joints(frames, 3) == 3);
    CHECK(at(frames, 3, 5, 0) == doctest::Approx(8));

    lose(frames, 0, 1);
    lose(frames, 11, 2);
    CHECK(interpolate_joints(frames, 100) == 0);
    CHECK(std::isnan(at(frames, 0, 1, 0)));
    CHECK(std::isnan(at(frames, 11, 2, 1)));
}

TEST_CASE("fill_joints: a standing figure of any size and facing is restored") {
    for (const double facing : {1.0, -1.0})
        for (const double scale : {0.2, 3.0}) {
            const ImagePose whole = standing(scale, facing);
            ImagePose pose = whole;
            lose(pose, {0, 2, 3, 7, 9, 12, 15});
            CHECK(fill_joints(pose) == 7);
            for (std::size_t j = 0; j < pose.size(); ++j) {
                INFO("joint ", j, ", scale ", scale, ", facing ", facing);
                CHECK((pose[j] - whole[j]).norm() < 1e-9);
            }
        }
}

TEST_CASE("fill_joints: joints seen stay; legs out of the image grow down from the shoulders") {
    ImagePose pose = standing(1, 1);
    pose[12] = {2, 2}; // an arm of its own mind
    const ImagePose whole = pose;
    lose(pose, {0, 1, 2, 3, 4, 5, 6, 7});
    CHECK(fill_joints(pose) == 8);
    for (const std::size_t j : {8, 9, 10, 11, 12, 13, 14, 15}) CHECK(pose[j] == whole[j]);
    CHECK(pose[0].y() > pose[8].y());
    CHECK(pose[3].y() > pose[2].y());
    CHECK(pose[2].y() > pose[1].y());
    CHECK(pose[1].x() < pose[4].x());
}

TEST_CASE("fill_joints: too little to go by") {
    ImagePose pose = standing(1, 1);
    lose(pose, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}); // 5 joints
    CHECK(fill_joints(pose) == 0);
    CHECK_FALSE(is_seen(pose[0]));
    ImagePose boneless = standing(1, 1);
    lose(boneless, {0, 2, 5, 8, 11, 14}); // 10 joints, no two of which a bone joins
    CHECK(fill_joints(boneless) == 0);
    ImagePose full = standing(1, 1);
    CHECK(fill_joints(full) == 0);
    ImagePose point; // everything in one place has no size
    point.fill(ImagePoint(1, 1));
    lose(point, {3});
    CHECK(fill_joints(point) == 0);
}
