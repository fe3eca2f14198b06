#pragma once
#include "engine/device.hpp"

namespace poseaug::bench {

/// Bytes a second, read and written, of a copy far larger than the caches: the best of several. On the CPU by all threads
/// of the device's pool.
double measure_copy_bandwidth(Device& device);

/// Floating-point operations a second of a large square product in float32 data and the device's precision: the best of
/// several.
double measure_product_rate(Device& device);

} // namespace poseaug::bench
