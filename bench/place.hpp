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
    explicit Place(const DeviceOptions& options) : options_(options) {}

    Device& device();
    /// "cpu", "cuda".
    const std::string& kind() const { return options_.kind; }
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
    std::unique_ptr<Device> device_;
    double copy_bandwidth_ = 0, product_rate_ = 0; ///< 0: not measured yet
};

/// The CPU with `threads` threads (0: all), and a GPU where one is usable, there in each precision.
std::vector<std::shared_ptr<Place>> all_places(int threads);

} // namespace poseaug::bench
