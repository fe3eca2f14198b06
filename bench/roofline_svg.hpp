#pragma once
#include "bench/results.hpp"

namespace poseaug::bench {

/// The results as an SVG picture: a roofline of all that computes (FLOP/s over FLOPs a byte, both logarithmic, under the
/// ceilings), and beside it the bandwidth of all that only moves data and the steps' shares of the roof. Every mark says
/// its row's name, time and share when it is pointed at. Rows without counters, and of another device than the
/// ceilings', are only counted. The picture has its own background and needs no script, font or file.
std::string roofline_svg(const BenchResults& results);

} // namespace poseaug::bench
