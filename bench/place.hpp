#pragma once
#include "engine/device.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace poseaug::bench {

/// A device to measure on, opened when it is first asked for, and its ceilings, measured when they are.
class Place {
public:
    /// `options.kind` must be "cpu" or "cuda".
    explicit Place(const DeviceOptions& options) : options_(options), name_(options.kind) {}
    /// The same device used otherwise: `how` follows its kind in the names of rows.
    Place(const DeviceOptions& options, const std::string& how) : options_(options), name_(options.kind + "_" + how) {}

    Device& device();
    /// "cpu", "cuda".
    const std::string& kind() const { return options_.kind; }
    /// In the names of rows: the kind, or "cpu_1_thread", "cuda_cudnn".
    const std::string& name() const { return name_; }
    bool is_variant() const { return name_ != options_.kind; }
    const DeviceOptions& options() const { return options_; }
    /// The arithmetic of matrix products.
    std::string precision() const { return std::string(name_of(options_.precision)); }
    /// Measures the ceilings, again if they were: the better count.
    void measure_ceilings();
    /// Bytes a second of a large copy.
    double copy_bandwidth();
    /// Floating-point operations a second of a large product.
    double product_rate();
    /// The least seconds that the ceilings allow for such work.
    double floor_seconds(double bytes, double flops) {
        return std::max(bytes / copy_bandwidth(), flops / product_rate());
    }

private:
    DeviceOptions options_;
    std::string name_;
    std::unique_ptr<Device> device_;
    double copy_bandwidth_ = 0, product_rate_ = 0; ///< 0: not measured yet
};

/// The CPU with `threads` threads (0: all), and a GPU where one is usable, there in each precision.
std::vector<std::shared_ptr<Place>> all_places(int threads);

/// The CPU on one thread, where `place` is the CPU with more; else null.
std::shared_ptr<Place> on_one_thread(const Place& place);
/// The GPU with cuDNN for convolutions, where `place` is a GPU in a build with cuDNN; else null.
std::shared_ptr<Place> with_cudnn(const Place& place);

} // namespace poseaug::bench
