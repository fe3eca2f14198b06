#pragma once
#include "kernels/network/ops.hpp"

namespace poseaug {

/// A dropout mask on a GPU, element by element and already scaled: 0 where dropped, 1 / (1 - rate) where kept. The same
/// decisions as DropoutRow on the CPU.
template <class T> struct DropoutMask {
    RandomKey key;
    View<const T> given;
    std::uint32_t threshold;
    T keep;

    DropoutMask(const Dropout& dropout, const View<const T>& mask)
        : key(dropout.key), given(mask), threshold(dropout_threshold(dropout.rate)), keep(lit<T>(dropout.scale())) {}

    POSEAUG_HD T operator()(int r, int c) const {
        if (given) return given(r, c) * keep;
        const PhiloxBlock b = key.block(static_cast<std::uint32_t>(c / 8), static_cast<std::uint32_t>(r));
        // dropout_bits without an index, which would put the block into a GPU's local memory
        const std::uint32_t low = (c & 2) != 0 ? b.word[1] : b.word[0], high = (c & 2) != 0 ? b.word[3] : b.word[2];
        const std::uint32_t word = (c & 4) != 0 ? high : low;
        return (word >> (16 * (c & 1)) & 0xFFFFU) >= threshold ? keep : T(0);
    }
};

} // namespace poseaug
