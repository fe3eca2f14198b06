#pragma once
#include "kernels/scalar.hpp"

namespace poseaug {

/// The larger of two, element by element; NaN where one is NaN, so that a spoilt value cannot pass unseen.
template <class T> POSEAUG_HD T larger(const T& a, const T& b) { return select(a >= b, a, select(b > a, b, a + b)); }

} // namespace poseaug
