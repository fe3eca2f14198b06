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
        for (int first = 0; first < cols; first += 8 * kPhiloxRun) {
            std::uint32_t words[4 * kPhiloxRun];
            philox_run(dropout.key, static_cast<std::uint32_t>(first / 8), static_cast<std::uint32_t>(row), words);
            T* scale = scale_.data() + first;
            for (int c = 0; c < std::min(cols - first, 8 * kPhiloxRun); ++c)
                scale[c] = (words[c / 2] >> (16 * (c & 1)) & 0xFFFFU) >= threshold ? keep : T(0.0);
        }
    }
    const T* at(int c) const { return scale_.data() + c; }

private:
    std::vector<T> scale_;
};

} // namespace poseaug
