#pragma once
#include "models/scope.hpp"

namespace poseaug {

/// SimpleBaseline (Martinez et al., ICCV 2017): dense layers of `width`, two stages of two with a skip.
Layout mlp_layout(int width);
/// image (32, B) -> pose (48, B), hip at zero.
template <class T> Var mlp(Scope<T>& scope, Var image);

} // namespace poseaug
