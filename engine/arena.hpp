#pragma once
#include "engine/device.hpp"

#include <vector>

namespace poseaug {

/// Bytes of a matrix whose rows are `stride` elements of so many bytes apart. Throws Error if no memory has so many.
std::size_t matrix_bytes(Shape shape, std::int64_t stride, std::size_t element_bytes);

/// Allocation on a device for one step at a time: nothing is freed but all of it, by `rewind`. A step that rewinds first
/// and then asks for the same sizes gets the same addresses, so that a recorded step can be replayed. Memory grows in
/// blocks and is kept; what is asked for comes from the first block that has room, so that little ones fill the gaps
/// that large ones leave.
class Arena {
public:
    /// What fills a power of two without padding fills a block of so many bytes with it (1 in 32 at most for a page).
    static constexpr std::size_t kBlockBytes = (std::size_t{16} << 20U) / 32 * 33;

    explicit Arena(Device& device, std::size_t block_bytes = kBlockBytes);
    ~Arena();
    Arena(const Arena&) = delete;
    Arena& operator=(const Arena&) = delete;

    /// `bytes` bytes aligned to 256; contents undefined.
    void* allocate(std::size_t bytes);
    /// An uninitialised matrix with padded rows. Throws Error if it has more rows or columns than kMaxExtent.
    template <class T> View<T> matrix(int rows, int cols) {
        const std::int64_t stride = row_stride(rows, padded_stride<T>(cols), sizeof(T));
        return {static_cast<T*>(allocate(matrix_bytes({rows, cols}, stride, sizeof(T)))), rows, cols, stride};
    }
    void rewind();
    /// Bytes taken from the device.
    std::size_t capacity() const;
    /// The most bytes asked for between rewinds.
    std::size_t most_used() const { return most_used_; }
    Device& device() { return device_; }

private:
    std::int64_t row_stride(int rows, std::int64_t padded, std::size_t element_bytes) const;

    struct Block {
        std::byte* data;
        std::size_t size, used = 0;
    };
    Device& device_;
    std::size_t block_bytes_;
    std::vector<Block> blocks_;
    std::size_t used_ = 0, most_used_ = 0;
};

} // namespace poseaug
