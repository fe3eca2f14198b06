#pragma once
#include "kernels/scalar.hpp"

namespace poseaug {

/// The larger of two, element by element; NaN where one is NaN, so that a spoilt value cannot pass unseen.
template <class T> POSEAUG_HD T larger(const T& a, const T& b) { return select(a >= b, a, select(b > a, b, a + b)); }

/// What a node gets of the gradient of the maximum it went into, which `equal` nodes reach: an even share if it is one
/// of them, else zero. A maximum that is NaN is reached by none; then it is NaN for every node, so that a gradient of
/// what is spoilt cannot pass for zero.
template <class T> POSEAUG_HD T share_of_gradient(const T& node, const T& maximum, const T& equal, const T& d_maximum) {
    return select(node == maximum, d_maximum / equal, select(equal == lit<T>(0), maximum, lit<T>(0)));
}

} // namespace poseaug
