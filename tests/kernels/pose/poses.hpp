#pragma once
#include "kernels/pose/sampling.hpp"
#include "kernels/skeleton.hpp"

#include <cmath>

namespace poseaug {

/// Column c of a sample matrix as the array that column functions take.
template <int N> struct Column { double rows[N]; };
template <int N> Column<N> column(const Sample::Matrix& m, int c) {
    Column<N> x;
    for (int r = 0; r < N; ++r) x.rows[r] = m.values[static_cast<std::size_t>(r) * m.cols + c];
    return x;
}

template <int N> double largest_difference(const double (&a)[N], const double (&b)[N]) {
    double largest = 0;
    for (int i = 0; i < N; ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
    return largest;
}

template <int N> bool all_finite(const double (&a)[N]) {
    for (double v : a)
        if (!std::isfinite(v)) return false;
    return true;
}

} // namespace poseaug
