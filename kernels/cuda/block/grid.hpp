#pragma once
#include "kernels/error.hpp"
#include "kernels/scalar.hpp"

#include <cstdint>
#include <string>

namespace poseaug {

// How the bodies of kernels are spread over blocks.

inline constexpr int kElementThreads = 256;
inline constexpr int kColumnThreads = 64;     ///< few, so that a batch spreads over the processors
inline constexpr int kMostBlocksDown = 65535; ///< a GPU's limit on a grid's second extent: blocks go over more rows

/// Blocks of so many threads for `cols` columns, a thread a column.
constexpr unsigned blocks_along(int cols, int threads) {
    return (static_cast<unsigned>(cols) + static_cast<unsigned>(threads) - 1) / static_cast<unsigned>(threads);
}
/// The column of a thread; beyond the last for some threads of the last block.
POSEAUG_HD constexpr unsigned column_of_thread(unsigned block, int threads, unsigned thread) {
    return block * static_cast<unsigned>(threads) + thread;
}
constexpr unsigned blocks_down(int rows) {
    return static_cast<unsigned>(rows < kMostBlocksDown ? rows : kMostBlocksDown);
}

/// A number of blocks as a grid's first extent. Throws Error if it is beyond a GPU's 2^31 - 1.
inline int block_count(std::int64_t count) {
    if (count > INT32_MAX)
        throw Error("a GPU kernel of " + std::to_string(count) + " blocks, where " + std::to_string(INT32_MAX) +
                    " are the most; try a smaller --batch");
    return static_cast<int>(count);
}

} // namespace poseaug
