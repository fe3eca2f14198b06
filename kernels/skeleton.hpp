#pragma once
#include "kernels/scalar.hpp"

namespace poseaug {

/// The 16-joint skeleton: 0 hip, 1-3 right leg (hip, knee, foot), 4-6 left leg, 7 spine, 8 thorax, 9 head,
/// 10-12 left arm (shoulder, elbow, wrist), 13-15 right arm. Bone b joins parent(b + 1) to joint b + 1.
inline constexpr int kJoints = 16;
inline constexpr int kBones = 15;
inline constexpr int kRatios = 9;

// Functions around tables, not tables: device code may not read a host's constexpr array by a run-time index.

POSEAUG_HD constexpr int parent_of(int joint) {
    constexpr int parent[kJoints] = {-1, 0, 1, 2, 0, 4, 5, 0, 7, 8, 8, 10, 11, 8, 13, 14};
    return parent[joint];
}

/// The same joint on the other side of the body.
POSEAUG_HD constexpr int mirror_of(int joint) {
    constexpr int mirror[kJoints] = {0, 4, 5, 6, 1, 2, 3, 7, 8, 9, 13, 14, 15, 10, 11, 12};
    return mirror[joint];
}

/// Which of the nine symmetric length ratios drives a bone.
POSEAUG_HD constexpr int ratio_of_bone(int bone) {
    constexpr int ratio[kBones] = {0, 1, 2, 0, 1, 2, 3, 4, 5, 6, 7, 8, 6, 7, 8};
    return ratio[bone];
}

/// The five body parts of the part-aware KCS, in the order of the 3D discriminator's paths.
inline constexpr int kParts = 5;
POSEAUG_HD constexpr int part_size(int part) {
    constexpr int size[kParts] = {4, 4, 5, 5, 7};
    return size[part];
}
POSEAUG_HD constexpr int part_bone(int part, int k) {
    constexpr int bone[kParts][7] = {
        {7, 9, 10, 11}, {7, 12, 13, 14}, {0, 1, 2, 3, 6}, {0, 3, 4, 5, 6}, {0, 3, 6, 7, 8, 9, 12}};
    return bone[part][k];
}

} // namespace poseaug
