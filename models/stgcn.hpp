#pragma once
#include "models/scope.hpp"

namespace poseaug {

/// ST-GCN for a single frame with part pooling (Cai et al., ICCV 2019): graph blocks over 17 joints of `width` and twice
/// as many channels, over five body parts of four times as many, both scales merged, and a non-local block.
Layout stgcn_layout(int width);
/// image (32, B) -> pose (48, B). The hip is estimated like any other joint.
template <class T> Var stgcn(Scope<T>& scope, Var image);

} // namespace poseaug
