#pragma once
#include "kernels/op.hpp"

#include <cstddef>
#include <limits>
#include <memory>
#include <string>
#include <vector>

namespace poseaug {

/// The arithmetic of matrix products on float32 data: in full, or of operands rounded to 10 or 7 bits of mantissa,
/// which a GPU's units do and the CPU imitates (no faster, but with a GPU's accuracy).
enum class Precision { float32, tf32, bf16 };

/// "float32", "tf32", "bf16".
std::string_view name_of(Precision precision);
/// Throws Error unless `name` is one of those.
Precision find_precision(std::string_view name);

/// What computes convolutions and their batch norms: this project's kernels and BLAS, or cuDNN, on a GPU only.
enum class Convolution { own, cudnn };

/// Where an array lies: in a device's own memory, or in the host's, page-locked, which a GPU reads and writes in place.
enum class Memory { device, host };

/// Memory and two queues of work on one processor: this machine's CPU or one GPU. The work of a queue runs in order. All
/// is the main queue's; what may run beside it goes to the side queue between `fork` and `join`.
class Device {
public:
    virtual ~Device() = default;
    Device(const Device&) = delete;
    Device& operator=(const Device&) = delete;

    /// At least `bytes` bytes, aligned to 256, contents undefined. Throws Error when there is not that much.
    virtual void* allocate(std::size_t bytes) = 0;
    virtual void release(void* memory) noexcept = 0;
    /// The same in the host's memory, which the device uses in place, if slowly. The CPU's is the host's anyway.
    virtual void* allocate_host(std::size_t bytes) { return allocate(bytes); }
    virtual void release_host(void* memory) noexcept { release(memory); }
    /// Bytes of the device's own memory that are free; the CPU has none to fill up.
    virtual std::size_t free_bytes() const { return std::numeric_limits<std::size_t>::max(); }
    /// Host to device; returns when `from` may be reused.
    virtual void upload(void* to, const void* from, std::size_t bytes) = 0;
    /// Device to host, after all work queued before.
    virtual void download(void* to, const void* from, std::size_t bytes) = 0;
    /// The same without waiting: `to`, of `allocate_host`, has the bytes after the next `synchronize`.
    virtual void queue_download(void* to, const void* from, std::size_t bytes) = 0;
    virtual void copy(void* to, const void* from, std::size_t bytes) = 0;
    virtual void zero(void* memory, std::size_t bytes) = 0;
    virtual void synchronize() = 0;

    /// What the side queue is given from here on waits for all that the main queue was given.
    virtual void fork() = 0;
    /// What the main queue is given from here on waits for all that the side queue was given.
    virtual void join() = 0;

    /// Between these, queued work is recorded instead of run. The CPU records nothing and returns null.
    virtual void begin_capture() = 0;
    virtual void* end_capture() = 0;
    virtual void launch(void* graph) = 0;
    virtual void destroy(void* graph) noexcept = 0;

    /// Seconds that the work queued between the two calls took, by the device's own clock; waits for its end.
    virtual void start_timer() = 0;
    virtual double stop_timer() = 0;
    /// Bytes of the last cache before memory; 0 if unknown.
    virtual std::size_t cache_bytes() const = 0;

    Queue& queue() { return queue_; }
    /// The CPU's is as the main queue: its work is done at once.
    Queue& side_queue() { return side_queue_; }
    bool is_cuda() const { return queue_.cuda; }
    /// Runs nothing: notes what it is asked for (open_dry_device).
    bool is_dry() const { return queue_.launches != nullptr; }
    bool has_cudnn() const { return queue_.dnn != nullptr; }
    /// For people: "CPU, 2 threads, AVX2" or "NVIDIA H200".
    const std::string& name() const { return name_; }

protected:
    Device() = default;
    Queue queue_, side_queue_;
    std::string name_;
};

struct DeviceOptions {
    std::string kind = "auto"; ///< "auto" (a GPU where one is usable), "cpu", "cuda"
    int threads = 0;           ///< host threads; 0: all
    Precision precision = Precision::float32;
    Convolution convolution = Convolution::own;
};

/// Throws Error if `kind` is unknown, or is "cuda" where no GPU is usable, or if cuDNN is asked for where there is none,
/// saying why.
std::unique_ptr<Device> open_device(const DeviceOptions& options = {});

/// A device that has memory but runs nothing, "cpu" or "cuda", so that the calls of a step can be counted
/// (Stream::note_calls). For "cuda" the build must have CUDA; no GPU is needed. Throws Error otherwise.
std::unique_ptr<Device> open_dry_device(const std::string& kind);

/// Whether this build has the CUDA backend, with or without a GPU to run it.
bool built_with_cuda();
/// Null if a GPU is usable, else the reason: "this build has no CUDA", "no NVIDIA driver", ...
const char* why_no_cuda();
/// Only where `why_no_cuda()` is null.
std::unique_ptr<Device> open_cuda_device(const DeviceOptions& options);

/// An array that a device works on, freed with the object.
template <class T> class DeviceArray {
public:
    DeviceArray() = default;
    DeviceArray(Device& device, std::int64_t count, Memory where = Memory::device)
        : device_(&device), count_(count), where_(where) {
        const std::size_t bytes = static_cast<std::size_t>(count) * sizeof(T);
        if (count > 0)
            data_ = static_cast<T*>(where == Memory::host ? device.allocate_host(bytes) : device.allocate(bytes));
    }
    DeviceArray(Device& device, const std::vector<T>& values, Memory where = Memory::device)
        : DeviceArray(device, static_cast<std::int64_t>(values.size()), where) {
        upload(values);
    }
    DeviceArray(DeviceArray&& other) noexcept { swap(other); }
    DeviceArray& operator=(DeviceArray&& other) noexcept {
        swap(other);
        return *this;
    }
    ~DeviceArray() {
        if (!data_) return;
        if (where_ == Memory::host) device_->release_host(data_);
        else device_->release(data_);
    }

    T* data() const { return data_; }
    std::int64_t size() const { return count_; }
    Memory where() const { return where_; }
    void zero() {
        if (count_) device_->zero(data_, static_cast<std::size_t>(count_) * sizeof(T));
    }
    void upload(const std::vector<T>& values) {
        if (static_cast<std::int64_t>(values.size()) != count_)
            throw Error("upload of " + std::to_string(values.size()) + " elements into an array of " +
                        std::to_string(count_));
        if (count_) device_->upload(data_, values.data(), values.size() * sizeof(T));
    }
    std::vector<T> download() const { return download(count_); }
    /// The first `count` elements.
    std::vector<T> download(std::int64_t count) const {
        std::vector<T> values(static_cast<std::size_t>(count));
        if (count) device_->download(values.data(), data_, values.size() * sizeof(T));
        return values;
    }

private:
    void swap(DeviceArray& other) noexcept {
        std::swap(device_, other.device_);
        std::swap(data_, other.data_);
        std::swap(count_, other.count_);
        std::swap(where_, other.where_);
    }
    Device* device_ = nullptr;
    T* data_ = nullptr;
    std::int64_t count_ = 0;
    Memory where_ = Memory::device;
};

} // namespace poseaug
