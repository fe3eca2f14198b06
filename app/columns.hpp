#pragma once
#include "engine/tape.hpp"

#include <cstdint>
#include <vector>

namespace poseaug::app {

/// Poses that a verb takes through a network at a time.
inline constexpr std::int64_t kChunk = 4096;

/// Items first..first+count-1 of pose-major data, `rows` numbers each, as a (rows, count) tensor of the tape.
inline Var put(Tape<float>& tape, const std::vector<float>& items, int rows, std::int64_t first, int count) {
    const View<float> view = tape.matrix(rows, count);
    std::vector<float> padded(static_cast<std::size_t>(rows * view.stride));
    const float* item = items.data() + first * rows;
    for (int c = 0; c < count; ++c)
        for (int r = 0; r < rows; ++r) padded[static_cast<std::size_t>(r * view.stride + c)] = item[c * rows + r];
    tape.stream().device().upload(view.data, padded.data(), padded.size() * sizeof(float));
    return tape.constant(view);
}

/// Appends a tensor's columns to pose-major data.
inline void take(Tape<float>& tape, Var from, std::vector<float>& items) {
    const View<float> view = tape.value(from);
    std::vector<float> padded(static_cast<std::size_t>(view.rows * view.stride));
    tape.stream().device().download(padded.data(), view.data, padded.size() * sizeof(float));
    for (int c = 0; c < view.cols; ++c)
        for (int r = 0; r < view.rows; ++r) items.push_back(padded[static_cast<std::size_t>(r * view.stride + c)]);
}

} // namespace poseaug::app
