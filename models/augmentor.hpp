#pragma once
#include "models/scope.hpp"

#include <array>

namespace poseaug {

inline constexpr int kNoise = 48; ///< fresh normal draws a part of the augmentor is fed

/// The pose after each stage, and what the losses need (paper section 3.2). Poses are (48, B), metres, camera space.
struct Augmented {
    Var pose_ba, image_ba; ///< after the bone-angle step, and its 2D (32, B)
    Var angle_diff;        ///< (15, B), one minus cosine of each bone's change
    Var stretch;           ///< (9, B), what BoneLengthStep makes the ratios and the pose of changed lengths of
    Var pose_rt, image_rt; ///< after bone length, rotation and translation, and its 2D
    Var ratio;             ///< (9, B), relative length changes
    Var rotation;          ///< (3, B), axis-angle
    Var translation;       ///< (3, B), metres
};

/// Parameters of the augmentor; `width` of its layers, 256 as published.
Layout augmentor_layout(int width = 256);

/// Augments `joints` (48, B), seen by `camera` (9, B), with four (48, B) noise tensors, in the order bone angle, bone
/// length, rotation, translation.
template <class T>
Augmented augment(Scope<T>& scope, Var joints, Var camera, const std::array<Var, 4>& noise, double ratio_limit = 0.2);

} // namespace poseaug
