#pragma once
#include "kernels/scalar.hpp"

#include <cstdint>
#include <type_traits>

namespace poseaug {

struct Shape {
    int rows = 0, cols = 0;
    friend bool operator==(Shape, Shape) = default;
};

/// A matrix that lives elsewhere: rows of features over a contiguous batch. Element (r, c) is `data[r * stride + c]`.
/// Activations have rows padded to 128 bytes, and code may read and write (never interpret) the padding;
/// parameters and their gradients have none.
template <class T> struct View {
    T* data = nullptr;
    int rows = 0, cols = 0;
    std::int64_t stride = 0;

    /// Elements from the first to (r, c): more than 2^31 in large batches.
    POSEAUG_HD constexpr std::int64_t offset(int r, int c) const { return r * stride + c; }
    POSEAUG_HD T* row(int r) const { return data + offset(r, 0); }
    POSEAUG_HD T& operator()(int r, int c) const { return data[offset(r, c)]; }
    POSEAUG_HD explicit operator bool() const { return data != nullptr; }
    POSEAUG_HD std::int64_t size() const { return static_cast<std::int64_t>(rows) * cols; }
    Shape shape() const { return {rows, cols}; }
    template <class C>
    requires(std::is_same_v<C, const T> && !std::is_same_v<C, T>) operator View<C>() const {
        return {data, rows, cols, stride};
    }
    /// Rows first..first+count-1 of the same matrix.
    View slice(int first, int count) const { return {row(first), count, cols, stride}; }
    /// Columns first..first+count-1, for code that writes those alone: behind them comes no padding.
    View columns(int first, int count) const { return {data + first, rows, count, stride}; }
};

/// The most rows or columns of a matrix, and the most items of a data set: an int, with room for a loop's last step.
inline constexpr std::int64_t kMaxExtent = (std::int64_t{1} << 31) - (1 << 16);

inline constexpr int kRowAlignment = 128; ///< bytes

/// Elements of T from one padded row to the next.
template <class T> constexpr std::int64_t padded_stride(int cols) {
    constexpr std::int64_t unit = kRowAlignment / static_cast<std::int64_t>(sizeof(T)) > 0
                                      ? kRowAlignment / static_cast<std::int64_t>(sizeof(T))
                                      : 1;
    return (cols + unit - 1) / unit * unit;
}

} // namespace poseaug
