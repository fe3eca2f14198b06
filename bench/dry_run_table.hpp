#pragma once
#include "bench/dry_run.hpp"

namespace poseaug::bench {

/// What an iteration costs, for people: phases, the ops that take longest, and on a GPU its kernels with what the
/// compiler gave them.
std::string dry_run_table(const Estimator& estimator, int batch, const IterationCount& count, const DeviceFloor& floor);

} // namespace poseaug::bench
