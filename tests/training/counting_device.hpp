#pragma once
#include "engine/device.hpp"

#include <limits>

namespace poseaug::test {

/// A CPU that counts what it is asked for, and says that so much of its memory is free.
class CountingDevice final : public Device {
public:
    struct Counts {
        int downloads = 0, queued_downloads = 0, uploads = 0, waits = 0, allocations = 0;
        std::size_t downloaded_bytes = 0;
    };

    explicit CountingDevice(std::size_t free = std::numeric_limits<std::size_t>::max())
        : inner_(open_device({.kind = "cpu", .threads = 1})), free_(free) {
        queue_ = inner_->queue();
        name_ = inner_->name();
    }

    Counts counts;

    void* allocate(std::size_t bytes) override {
        ++counts.allocations;
        return inner_->allocate(bytes);
    }
    void release(void* memory) noexcept override { inner_->release(memory); }
    std::size_t free_bytes() const override { return free_; }
    void upload(void* to, const void* from, std::size_t bytes) override {
        ++counts.uploads;
        inner_->upload(to, from, bytes);
    }
    void download(void* to, const void* from, std::size_t bytes) override {
        ++counts.downloads;
        counts.downloaded_bytes += bytes;
        inner_->download(to, from, bytes);
    }
    void queue_download(void* to, const void* from, std::size_t bytes) override {
        ++counts.queued_downloads;
        counts.downloaded_bytes += bytes;
        inner_->queue_download(to, from, bytes);
    }
    void copy(void* to, const void* from, std::size_t bytes) override { inner_->copy(to, from, bytes); }
    void zero(void* memory, std::size_t bytes) override { inner_->zero(memory, bytes); }
    void synchronize() override {
        ++counts.waits;
        inner_->synchronize();
    }
    void begin_capture() override {}
    void* end_capture() override { return nullptr; }
    void launch(void*) override {}
    void destroy(void*) noexcept override {}
    void start_timer() override { inner_->start_timer(); }
    double stop_timer() override { return inner_->stop_timer(); }
    std::size_t cache_bytes() const override { return inner_->cache_bytes(); }

private:
    std::unique_ptr<Device> inner_;
    std::size_t free_;
};

} // namespace poseaug::test
