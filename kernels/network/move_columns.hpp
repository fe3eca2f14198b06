#pragma once
#include "kernels/row_driver.hpp"

namespace poseaug {

/// to[to_row][to_col..] (+)= from[from_row][from_col..], `count` columns
template <class T>
void move_columns(const View<const T>& from, int from_row, int from_col, const View<T>& to, int to_row, int to_col,
                  int count, bool add) {
    const T* source = from.row(from_row) + from_col;
    T* target = to.row(to_row) + to_col;
    for_lanes<T>(0, count, [&](int c, auto lanes) {
        using L = decltype(lanes);
        const auto v = L::load(source + c);
        L::store(add ? L::load(target + c) + v : v, target + c);
    });
}

} // namespace poseaug
