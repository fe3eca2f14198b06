#pragma once
#include "kernels/op.hpp"
#include "kernels/philox.hpp"

#include <cstddef>

namespace poseaug {

/// Throws Error if a data set has more items than can be counted in ints (kMaxExtent). The functions below check it.
void expect_items(std::int64_t n);

/// Bytes of working memory `random_permutation` needs.
std::size_t permutation_scratch(const Queue& queue, std::int64_t n);

/// order: a uniformly random permutation of 0..n-1, by sorting 64-bit random keys (ties by index), the same on either
/// device. `order` and `scratch` are memory of the queue's device.
void random_permutation(Queue& queue, const RandomKey& key, std::int32_t* order, std::int64_t n, void* scratch);

/// choice[i]: uniform in 0..limit-1.
void random_choice(Queue& queue, const RandomKey& key, std::int32_t* choice, std::int64_t n, std::int32_t limit);

namespace cuda {
std::size_t permutation_scratch(std::int64_t n);
void random_permutation(Queue& queue, const RandomKey& key, std::int32_t* order, std::int64_t n, void* scratch);
void random_choice(Queue& queue, const RandomKey& key, std::int32_t* choice, std::int64_t n, std::int32_t limit);
} // namespace cuda

/// The sort key of item i and the choice made for it, from the block (i / 2, 0) or (i / 4, 0).
POSEAUG_HD inline std::uint64_t permutation_key(const RandomKey& key, std::int64_t i) {
    const PhiloxBlock b = key.block(static_cast<std::uint32_t>(i / 2), static_cast<std::uint32_t>((i / 2) >> 32));
    return static_cast<std::uint64_t>(b.word[2 * (i & 1)]) << 32 | b.word[2 * (i & 1) + 1];
}
POSEAUG_HD inline std::int32_t choice_of(const RandomKey& key, std::int64_t i, std::int32_t limit) {
    const PhiloxBlock b = key.block(static_cast<std::uint32_t>(i / 4), static_cast<std::uint32_t>((i / 4) >> 32));
    return static_cast<std::int32_t>(static_cast<std::uint64_t>(b.word[i & 3]) * static_cast<std::uint64_t>(limit) >>
                                     32);
}

} // namespace poseaug
