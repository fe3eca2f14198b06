#pragma once
#include "bench/results.hpp"

namespace poseaug::bench {

/// The results for people: ops with forward and backward side by side, then steps, each with the median time, the spread
/// of repetitions, GB/s, GFLOP/s, the share of the roofline and what binds there, under 110 columns. A legend says of
/// which device, when, and what the ceilings are. Where something was not counted or measured, "-" stands.
std::string result_table(const BenchResults& results);

/// The ceilings in words: "copy 20.1 GB/s, product 98.0 GFLOP/s (float32)".
std::string ceilings_text(const Ceilings& ceilings);

} // namespace poseaug::bench
