#pragma once
#include "models/scope.hpp"

namespace poseaug {

/// VideoPose3D (Pavllo et al., CVPR 2019) for a single frame: every convolution has width 1, so is a dense layer of
/// `width`; four residual blocks of two.
Layout videopose_layout(int width);
/// image (32, B) -> pose (48, B), hip at zero.
template <class T> Var videopose(Scope<T>& scope, Var image);

} // namespace poseaug
