#pragma once
#include "engine/tape.hpp"

#include <memory>
#include <vector>

namespace poseaug::test {

/// Every device this machine has: the CPU, and a GPU where one is usable.
inline std::vector<std::unique_ptr<Device>> devices() {
    std::vector<std::unique_ptr<Device>> all;
    all.push_back(open_device({.kind = "cpu", .threads = 2}));
    if (!why_no_cuda()) all.push_back(open_device({.kind = "cuda"}));
    return all;
}

/// Writes batch-first values (cols, rows) into a batch-last matrix.
template <class T> void upload(Device& device, const View<T>& to, const std::vector<double>& batch_first) {
    std::vector<T> padded(static_cast<std::size_t>(to.rows) * static_cast<std::size_t>(to.stride));
    for (int r = 0; r < to.rows; ++r)
        for (int c = 0; c < to.cols; ++c)
            padded[static_cast<std::size_t>(r * to.stride + c)] = static_cast<T>(batch_first.at(
                static_cast<std::size_t>(c) * static_cast<std::size_t>(to.rows) + static_cast<std::size_t>(r)));
    device.upload(to.data, padded.data(), padded.size() * sizeof(T));
}

/// The batch-first values of a batch-last matrix.
template <class T> std::vector<double> download(Device& device, const View<T>& from) {
    using Value = std::remove_const_t<T>;
    std::vector<Value> padded(static_cast<std::size_t>(from.rows) * static_cast<std::size_t>(from.stride));
    device.download(padded.data(), from.data, padded.size() * sizeof(Value));
    std::vector<double> values;
    for (int c = 0; c < from.cols; ++c)
        for (int r = 0; r < from.rows; ++r)
            values.push_back(static_cast<double>(padded[static_cast<std::size_t>(r * from.stride + c)]));
    return values;
}

} // namespace poseaug::test
