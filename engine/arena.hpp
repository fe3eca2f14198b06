#pragma once
#include "engine/device.hpp"

#include <vector>

namespace poseaug {

/// Bump allocation on a device. A step that rewinds first and then asks for the same sizes gets the same addresses, so
/// that a recorded step can be replayed. Memory grows in blocks and is kept.
class Arena {
public:
    explicit Arena(Device& device, std::size_t block_bytes = std::size_t{64} << 20);
    ~Arena();
    Arena(const Arena&) = delete;
    Arena& operator=(const Arena&) = delete;

    /// `bytes` bytes aligned to 256; contents undefined.
    void* allocate(std::size_t bytes);
    /// An uninitialised matrix with padded rows.
    template <class T> View<T> matrix(int rows, int cols) {
        const std::int64_t stride = padded_stride<T>(cols);
        void* data = allocate(static_cast<std::size_t>(rows) * static_cast<std::size_t>(stride) * sizeof(T));
        return {static_cast<T*>(data), rows, cols, stride};
    }
    void rewind();
    /// Bytes taken from the device.
    std::size_t capacity() const;
    Device& device() { return device_; }

private:
    struct Block {
        std::byte* data;
        std::size_t size;
    };
    Device& device_;
    std::size_t block_bytes_;
    std::vector<Block> blocks_;
    std::size_t block_ = 0, used_ = 0;
};

} // namespace poseaug
