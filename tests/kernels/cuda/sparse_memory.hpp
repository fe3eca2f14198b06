#pragma once
#include <cstddef>
#include <new>
#include <sys/mman.h>

namespace poseaug::testing {

/// Addresses for as many bytes as wanted; only the pages that are touched take memory.
class SparseMemory {
public:
    explicit SparseMemory(std::size_t bytes) : bytes_(bytes) {
        data_ = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (data_ == MAP_FAILED) throw std::bad_alloc();
    }
    ~SparseMemory() { munmap(data_, bytes_); }
    SparseMemory(const SparseMemory&) = delete;
    SparseMemory& operator=(const SparseMemory&) = delete;

    void* data() const { return data_; }

private:
    void* data_;
    std::size_t bytes_;
};

} // namespace poseaug::testing
