#pragma once
#include "models/scope.hpp"

namespace poseaug {

/// Part-aware KCS discriminator of 3D poses (paper section 3.3): five small nets, `width` 256 and `score_width` 100 as
/// published.
Layout discriminator_3d_layout(int width = 256, int score_width = 100);
/// joints (48, B) -> scores (5, B), one a body part; 1 is real.
template <class T> Var discriminate_3d(Scope<T>& scope, Var joints);

/// Discriminator of 2D poses; `width` 100 as published.
Layout discriminator_2d_layout(int width = 100);
/// image (32, B) -> score (1, B).
template <class T> Var discriminate_2d(Scope<T>& scope, Var image);

} // namespace poseaug
