#pragma once
#include "kernels/network/ops.hpp"
#include "kernels/row_driver.hpp"

#include <bit>
#include <memory>

namespace poseaug {

/// One row of a dropout mask on the CPU, already scaled: 0 where dropped, 1 / (1 - rate) where kept. Made anew by the
/// forward and the backward, so that no mask is stored.
template <class T> class DropoutRow {
public:
    DropoutRow(const Dropout& dropout, const View<const T>& given, int row, int cols)
        : scale_(std::make_unique_for_overwrite<T[]>(static_cast<std::size_t>(cols))) {
        const T keep = lit<T>(dropout.scale());
        if (given) {
            for (int c = 0; c < cols; ++c) scale_[c] = given(row, c) * keep;
            return;
        }
        const std::uint32_t threshold = dropout_threshold(dropout.rate);
        for (int first = 0; first < cols; first += kColumns) {
            std::uint32_t words[4 * kPhiloxRun];
            philox_run(dropout.key, static_cast<std::uint32_t>(first / 8), static_cast<std::uint32_t>(row), words);
            draw(words, threshold, keep, scale_.get() + first, std::min(cols - first, kColumns));
        }
    }
    const T* at(int c) const { return scale_.get() + c; }

private:
    static constexpr int kColumns = 8 * kPhiloxRun; ///< of one run of blocks

    /// Column c's bits (see dropout_bits) are the c-th sixteen of the words: SIMD reads them as such.
    static void draw(const std::uint32_t* words, std::uint32_t threshold, T keep, T* __restrict scale, int cols) {
        static_assert(std::endian::native == std::endian::little);
        std::uint16_t bits[kColumns];
        std::memcpy(bits, words, sizeof(bits));
        for (int c = 0; c < cols; ++c) scale[c] = bits[c] >= threshold ? keep : T(0.0);
    }

    std::unique_ptr<T[]> scale_;
};

} // namespace poseaug
