#include "engine/arena.hpp"

#include <algorithm>
#include <limits>

namespace poseaug {

std::size_t matrix_bytes(Shape shape, std::int64_t stride, std::size_t element_bytes) {
    constexpr auto most = static_cast<std::size_t>(std::numeric_limits<std::ptrdiff_t>::max());
    const auto in_range = [](int n) { return n >= 0 && n <= kMaxExtent; };
    const auto rows = static_cast<std::size_t>(shape.rows), width = static_cast<std::size_t>(stride);
    if (!in_range(shape.rows) || !in_range(shape.cols) || (rows > 0 && width > most / element_bytes / rows))
        throw Error("a matrix of " + std::to_string(shape.rows) + " x " + std::to_string(shape.cols) +
                    " elements is too large; try a smaller --batch");
    return rows * width * element_bytes;
}

Arena::Arena(Device& device, std::size_t block_bytes) : device_(device), block_bytes_(block_bytes) {}

Arena::~Arena() {
    for (const Block& block : blocks_) device_.release(block.data);
}

void* Arena::allocate(std::size_t bytes) {
    bytes = (std::max<std::size_t>(bytes, 1) + 255) / 256 * 256;
    while (block_ < blocks_.size() && used_ + bytes > blocks_[block_].size) {
        ++block_;
        used_ = 0;
    }
    if (block_ == blocks_.size()) {
        const std::size_t size = std::max(bytes, block_bytes_);
        blocks_.push_back({static_cast<std::byte*>(device_.allocate(size)), size});
        // zero once: padding is never interpreted, but may be read
        device_.zero(blocks_.back().data, size);
    }
    void* result = blocks_[block_].data + used_;
    used_ += bytes;
    return result;
}

void Arena::rewind() { block_ = used_ = 0; }

std::size_t Arena::capacity() const {
    std::size_t sum = 0;
    for (const Block& block : blocks_) sum += block.size;
    return sum;
}

} // namespace poseaug
