#pragma once
#include "engine/device.hpp"

#include <span>

namespace poseaug {

/// What the host reads of an array on a device, in page-locked memory: several are queued and read with one wait.
template <class T> class HostCopy {
public:
    /// Of an array of `count` elements.
    HostCopy(Device& device, std::int64_t count) : device_(&device), copy_(device, count, Memory::host) {}

    /// Queues the copying of `from`, as it is after all work queued before; `values` has it after the device's next
    /// `synchronize`.
    void queue(const DeviceArray<T>& from) {
        if (from.size() != copy_.size())
            throw Error("a copy of " + std::to_string(from.size()) + " elements into one of " +
                        std::to_string(copy_.size()));
        if (from.size() > 0)
            device_->queue_download(copy_.data(), from.data(), static_cast<std::size_t>(from.size()) * sizeof(T));
    }
    std::span<const T> values() const { return {copy_.data(), static_cast<std::size_t>(copy_.size())}; }

private:
    Device* device_;
    DeviceArray<T> copy_;
};

} // namespace poseaug
