#include "data/synth_body.hpp"

#include <Eigen/Geometry>

#include <algorithm>
#include <cmath>

namespace poseaug {
namespace {

using Eigen::AngleAxisd;
using Eigen::Matrix3d;
using Eigen::Vector3d;

constexpr double kDegree = std::numbers::pi / 180;

struct Limit {
    double low, high; // degrees
};

// Body axes: x forward, y left, z up. Ranges are those of ordinary adults, not of dancers.
constexpr std::array<Limit, kAngles> kLimits = {{
    {-95, 95},  {-90, 90},  {-25, 85}, {-35, 35}, {-45, 45}, // pelvis and spine
    {-45, 55},  {-35, 35},  {-70, 70},                       // neck
    {-50, 165}, {-40, 165}, {-80, 80}, {2, 148},             // left arm
    {-50, 165}, {-40, 165}, {-80, 80}, {2, 148},             // right arm
    {-22, 125}, {-15, 50},  {-35, 40}, {2, 148},             // left leg
    {-22, 125}, {-15, 50},  {-35, 40}, {2, 148},             // right leg
}};
constexpr double kHighestArm = 168; // degrees from hanging

Matrix3d about_x(double angle) { return AngleAxisd(angle, Vector3d::UnitX()).toRotationMatrix(); }
Matrix3d about_y(double angle) { return AngleAxisd(angle, Vector3d::UnitY()).toRotationMatrix(); }
Matrix3d about_z(double angle) { return AngleAxisd(angle, Vector3d::UnitZ()).toRotationMatrix(); }

/// Lean forward, to the left, and turn to the left.
Matrix3d trunk_turn(double flex, double side, double twist) { return about_y(flex) * about_x(-side) * about_z(twist); }

/// Left-side geometry; the right side is its mirror image in the plane y = 0 of the parent's frame.
Vector3d on_side(Vector3d left, double side) {
    left.y() *= side;
    return left;
}

struct Limb {
    Vector3d upper, lower; // directions, in the parent's frame, as on the left
};

Limb arm(const double* angle) {
    const double forward = angle[0], out = angle[1], twist = angle[2], elbow = angle[3];
    const double lift = std::hypot(forward, out);
    // A swing forward turns about -y, a swing to the left about x.
    const Vector3d axis = lift > 1e-9 ? Vector3d(out / lift, -forward / lift, 0) : Vector3d::UnitX();
    const Matrix3d upper = AngleAxisd(lift, axis).toRotationMatrix() * about_z(-twist);
    return {upper * -Vector3d::UnitZ(), upper * Vector3d(std::sin(elbow), 0, -std::cos(elbow))};
}

Limb leg(const double* angle) {
    const double forward = angle[0], out = angle[1], twist = angle[2], knee = angle[3];
    const Matrix3d thigh = about_y(-forward) * about_x(out) * about_z(-twist);
    return {thigh * -Vector3d::UnitZ(), thigh * Vector3d(-std::sin(knee), 0, -std::cos(knee))};
}

/// Heights at which flesh around a joint touches the floor, for the 17 joints.
constexpr std::array<double, kSynthJoints> kClearance = {0.11, 0.10, 0.06, 0.08, 0.10, 0.06, 0.08, 0.12, 0.10,
                                                         0.08, 0.05, 0.07, 0.05, 0.03, 0.07, 0.05, 0.03};

/// Smooth minimum of the joints' heights over the floor, so that a change of supporting limb makes no jerk.
double lowest(const SynthPose& pose) {
    constexpr double softness = 0.015;
    double least = 1e9, sum = 0;
    for (std::size_t j = 0; j < pose.size(); ++j) least = std::min(least, pose[j].z() - kClearance[j]);
    for (std::size_t j = 0; j < pose.size(); ++j) {
        const double above = (pose[j].z() - kClearance[j] - least) / softness;
        if (above < 30) sum += std::exp(-above);
    }
    return least - softness * std::log(sum);
}

} // namespace

BodyAngles within_limits(BodyAngles angles) {
    for (std::size_t i = 0; i < angles.size(); ++i)
        angles[i] = std::clamp(angles[i], kLimits[i].low * kDegree, kLimits[i].high * kDegree);
    for (const int arm : {left_arm_forward, right_arm_forward}) {
        double &forward = angles[static_cast<std::size_t>(arm)], &out = angles[static_cast<std::size_t>(arm) + 1];
        const double shrink = std::min(1.0, kHighestArm * kDegree / std::max(std::hypot(forward, out), 1e-9));
        forward *= shrink;
        out *= shrink;
    }
    return angles;
}

Body random_body(double height, double spread, SynthRandom& random) {
    const double scale = height / 1.75;
    const auto varied = [&](double length) { return length * scale * (1 + spread * random.uniform(-1, 1)); };
    const double legs = 1 + 0.5 * spread * random.uniform(-1, 1), arms = 1 + 0.5 * spread * random.uniform(-1, 1);
    Body body{};
    body.hip_half = varied(0.130);
    body.thigh = varied(0.445) * legs;
    body.shank = varied(0.445) * legs;
    body.spine = varied(0.235);
    body.chest = varied(0.252);
    body.head = varied(0.225);
    body.head_forward = varied(0.035);
    body.shoulder_half = varied(0.150);
    body.shoulder_drop = varied(0.030);
    body.upper_arm = varied(0.280) * arms;
    body.forearm = varied(0.250) * arms;
    return body;
}

SynthPose place_body(const Body& b, const BodyAngles& a, double x, double y, double yaw) {
    enum { hip, right_leg = 1, left_leg = 4, spine = 7, thorax, nose, head, left_arm, right_arm = 14 };
    const Matrix3d pelvis = about_z(yaw) * about_y(a[pelvis_pitch]) * about_x(-a[pelvis_roll]);
    // Half of the spine's bend happens below the Spine joint, half above it.
    const Matrix3d half = trunk_turn(a[spine_flex] / 2, a[spine_side] / 2, a[spine_twist] / 2);
    const Matrix3d waist = pelvis * half, chest = waist * half;
    const Matrix3d neck = chest * trunk_turn(a[neck_flex], a[neck_side], a[neck_twist]);

    SynthPose pose;
    pose[hip].setZero();
    pose[spine] = waist * Vector3d(0, 0, b.spine);
    pose[thorax] = pose[spine] + chest * Vector3d(0, 0, b.chest);
    pose[nose] = pose[thorax] + neck * Vector3d(2.2 * b.head_forward, 0, 0.5 * b.head);
    pose[head] = pose[thorax] + neck * Vector3d(b.head_forward, 0, b.head);
    const auto place_leg = [&](std::size_t first, int angle, double side) {
        const Limb limb = leg(&a[static_cast<std::size_t>(angle)]);
        pose[first] = pelvis * Vector3d(0, side * b.hip_half, 0);
        pose[first + 1] = pose[first] + pelvis * on_side(limb.upper, side) * b.thigh;
        pose[first + 2] = pose[first + 1] + pelvis * on_side(limb.lower, side) * b.shank;
    };
    const auto place_arm = [&](std::size_t first, int angle, double side) {
        const Limb limb = arm(&a[static_cast<std::size_t>(angle)]);
        pose[first] = pose[thorax] + chest * Vector3d(0, side * b.shoulder_half, -b.shoulder_drop);
        pose[first + 1] = pose[first] + chest * on_side(limb.upper, side) * b.upper_arm;
        pose[first + 2] = pose[first + 1] + chest * on_side(limb.lower, side) * b.forearm;
    };
    place_leg(right_leg, right_thigh_forward, -1);
    place_leg(left_leg, left_thigh_forward, 1);
    place_arm(left_arm, left_arm_forward, 1);
    place_arm(right_arm, right_arm_forward, -1);

    const Vector3d offset(x, y, -lowest(pose));
    for (Vector3d& joint : pose) joint += offset;
    return pose;
}

} // namespace poseaug
