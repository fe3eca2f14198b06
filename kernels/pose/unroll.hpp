#pragma once
#include "kernels/column_op.hpp"

namespace poseaug {

/// Calls f(integral_constant<int, 0>) ... f(integral_constant<int, N - 1>): a loop whose index is a constant, so that
/// the skeleton's tables fold away and a GPU keeps a column in registers.
template <int N, class F> POSEAUG_HD void unroll(F&& f) {
    for_each_index(std::make_index_sequence<static_cast<std::size_t>(N)>{}, f);
}

} // namespace poseaug
