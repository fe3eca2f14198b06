#pragma once
#include "engine/device.hpp"

#include <memory>
#include <string>
#include <vector>

namespace poseaug::bench {

/// A device to measure on, opened when it is first asked for.
class Place {
public:
    Place(std::string kind, Precision precision) : kind_(std::move(kind)), precision_(precision) {}

    Device& device();
    /// "cpu", "cuda".
    const std::string& kind() const { return kind_; }
    /// "float32", "tf32", "bf16": the arithmetic of matrix products.
    std::string precision() const;

private:
    std::string kind_;
    Precision precision_;
    std::unique_ptr<Device> device_;
};

/// The CPU (with POSEAUG_THREADS threads, or all), and a GPU where one is usable, there in each precision.
std::vector<std::shared_ptr<Place>> places();

inline constexpr int kBatch = 1024; ///< as published

void register_ops(const std::vector<std::shared_ptr<Place>>& places);
void register_steps(const std::vector<std::shared_ptr<Place>>& places);

} // namespace poseaug::bench
