#pragma once
#include "kernels/op.hpp"
#include "kernels/pack.hpp"

#include <algorithm>

namespace poseaug {

// Loops over rows for the CPU: whole SIMD packs, then single elements, so that they may stop anywhere in a row.

/// Calls f(c, lanes) over [begin, end): `lanes` is lanes_of<T> for whole packs, then lanes_of of one element.
template <class T> struct Single {
    using type = T;
    static constexpr int width = 1;
    static T load(const T* from) { return *from; }
    static void store(const T& value, T* to) { *to = value; }
};

template <class T, class F> void for_lanes(int begin, int end, F&& f) {
    constexpr int width = lanes_of<T>::width;
    int c = begin;
    for (; c + width <= end; c += width) f(c, lanes_of<T>{});
    for (; c < end; ++c) f(c, Single<T>{});
}

/// Sum of f(c, lanes) over [begin, end), in an order that depends on the range alone.
template <class T, class F> T sum_over(int begin, int end, F&& f) {
    using P = typename lanes_of<T>::type;
    constexpr int width = lanes_of<T>::width;
    P sum[4] = {lit<P>(0), lit<P>(0), lit<P>(0), lit<P>(0)};
    int c = begin;
    for (; c + 4 * width <= end; c += 4 * width)
        for (int k = 0; k < 4; ++k) sum[k] += f(c + k * width, lanes_of<T>{});
    for (; c + width <= end; c += width) sum[0] += f(c, lanes_of<T>{});
    T lanes[width];
    lanes_of<T>::store((sum[0] + sum[1]) + (sum[2] + sum[3]), lanes);
    T total = T(0.0);
    for (int i = 0; i < width; ++i) total += lanes[i];
    for (; c < end; ++c) total += f(c, Single<T>{});
    return total;
}

/// Splits rows over the pool, a few thousand elements at least for each call.
template <class F> void for_rows(Queue& queue, int rows, std::int64_t cols, const F& f) {
    const int step = static_cast<int>(std::max<std::int64_t>(1, 8192 / std::max<std::int64_t>(1, cols)));
    queue.pool->parallel_for((rows + step - 1) / step, [&](int k) {
        for (int r = k * step; r < std::min(rows, (k + 1) * step); ++r) f(r);
    });
}

} // namespace poseaug
