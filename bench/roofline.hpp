#pragma once
#include "bench/results.hpp"

#include <optional>

namespace poseaug::bench {

/// What the ceilings allow a row: the roofline model (Williams, Waterman and Patterson, CACM 2009).
struct RooflineShare {
    double floor_seconds = 0;  ///< max(bytes / copy bandwidth, FLOPs / product's FLOP/s)
    double share = 0;          ///< floor_seconds over the median: 1 is on the roof; a cache can beat the copy's memory
    bool memory_binds = false; ///< of the two, bytes take longer
};

/// None where the row has no counters, is of another device than the ceilings, or the ceiling it needs was not measured.
std::optional<RooflineShare> roofline_share(const BenchResults& results, const BenchRow& row);

/// Whether the ceilings are of the device that the row was measured on.
bool on_device_of_ceilings(const BenchResults& results, const BenchRow& row);

} // namespace poseaug::bench
