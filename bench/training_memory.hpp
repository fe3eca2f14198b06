#pragma once
#include "bench/results.hpp"
#include "models/estimators.hpp"

#include <cstdint>

namespace poseaug::bench {

/// What a training of these networks needs, counted on a dry device: all but `data`, `peak` and `made`.
TrainingMemory count_training_memory(const Estimator& estimator, int batch);

/// A training of one epoch by `run_poseaug`, as a user starts it: on built-in data, of `poses` poses, that it writes to
/// the disk and loads, with evaluations and checkpoints. Throws Error where the system does not tell a process's memory
/// (no Linux).
TrainingMemory measure_training_memory(Device& device, const Estimator& estimator, int batch, std::int64_t poses);

} // namespace poseaug::bench
