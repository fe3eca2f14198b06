#pragma once
#include "models/scope.hpp"

namespace poseaug {

/// SemGCN (Zhao et al., CVPR 2019) without non-local blocks: semantic graph convolutions of `width` channels over the 16
/// joints, four residual blocks of two.
Layout gcn_layout(int width);
/// image (32, B) -> pose (48, B). The hip is estimated like any other joint.
template <class T> Var gcn(Scope<T>& scope, Var image);

} // namespace poseaug
