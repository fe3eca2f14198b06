#pragma once
#include "kernels/network/ops.hpp"
#include "kernels/row_driver.hpp"

#include <vector>

namespace poseaug {

/// One row of a dropout mask on the CPU, already scaled: 0 where dropped, 1 / (1 - rate) where kept. Made anew by the
/// forward and the backward, so that no mask is stored.
template <class T> class DropoutRow {
public:
    DropoutRow(const Dropout& dropout, const View<const T>& given, int row, int cols) : scale_(cols) {
        const T keep = lit<T>(dropout.scale());
        if (given) {
            for (int c = 0; c < cols; ++c) scale_[c] = given(row, c) * keep;
            return;
        }
        const std::uint32_t threshold = dropout_threshold(dropout.rate);
        constexpr int kBlocks = 16; // blocks side by side, for the vectoriser
        for (int first = 0; first < cols; first += 8 * kBlocks) {
            PhiloxBlock blocks[kBlocks];
            for (int k = 0; k < kBlocks; ++k)
                blocks[k] = dropout.key.block(static_cast<std::uint32_t>(first / 8 + k), static_cast<std::uint32_t>(row));
            for (int c = first; c < std::min(cols, first + 8 * kBlocks); ++c)
                scale_[c] = dropout_bits(blocks[(c - first) / 8], c) >= threshold ? keep : T(0.0);
        }
    }
    const T* at(int c) const { return scale_.data() + c; }

private:
    std::vector<T> scale_;
};

} // namespace poseaug
