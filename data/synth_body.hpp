#pragma once
#include "data/synth_random.hpp"

#include <Eigen/Core>

#include <array>

namespace poseaug {

/// Joint angles of a body, in radians, for the left and the right side in the same sense.
/// Trunk: pitch and flex lean forward, roll and side lean to the left, twist and yaw turn to the left.
/// Arm: a hanging arm swings forward and out, by an axis-angle vector; twist turns the upper arm inward about itself.
/// Leg: the thigh swings forward, then out, then turns about itself.
enum Angle : int {
    pelvis_pitch,
    pelvis_roll,
    spine_flex,
    spine_side,
    spine_twist,
    neck_flex,
    neck_side,
    neck_twist,
    left_arm_forward,
    left_arm_out,
    left_arm_twist,
    left_elbow,
    right_arm_forward,
    right_arm_out,
    right_arm_twist,
    right_elbow,
    left_thigh_forward,
    left_thigh_out,
    left_thigh_twist,
    left_knee,
    right_thigh_forward,
    right_thigh_out,
    right_thigh_twist,
    right_knee,
    kAngles
};
using BodyAngles = std::array<double, kAngles>;

/// Angles moved into the range of human joints.
BodyAngles within_limits(BodyAngles angles);

/// Segment lengths in metres.
struct Body {
    double hip_half, thigh, shank, spine, chest, head, head_forward, shoulder_half, shoulder_drop, upper_arm, forearm;
};

/// A body of the given height whose proportions vary by up to +- `spread` (a ratio) about an average adult's.
Body random_body(double height, double spread, SynthRandom& random);

/// Human3.6M's 17 usual joints: our 16 with Neck/Nose inserted at index 9.
inline constexpr int kSynthJoints = 17;
using SynthPose = std::array<Eigen::Vector3d, kSynthJoints>;

/// The body standing, sitting or lying on the floor z = 0 (z up), its hip above (x, y), facing `yaw` (0: along x).
SynthPose place_body(const Body& body, const BodyAngles& angles, double x, double y, double yaw);

} // namespace poseaug
