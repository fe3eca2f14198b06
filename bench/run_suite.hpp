#pragma once
#include "bench/results.hpp"
#include "engine/device.hpp"

#include <functional>
#include <string>
#include <vector>

namespace poseaug::bench {

struct SuiteOptions {
    DeviceOptions device;   ///< kind "cpu" or "cuda"
    std::string filter;     ///< regular expression of names
    int batch = 1024;       ///< of steps, and of ops
    bool many_poses = true; ///< pose ops at 2^20 poses, too
    double seconds = 0.1;   ///< of each repetition, at least
    int repetitions = 5;
};

/// Names of the rows that `options.filter` chooses. Throws Error if it is no regular expression.
std::vector<std::string> list_suite(const SuiteOptions& options);

/// Measures them, after the device's ceilings; `progress` is told the name of each row that is done. Throws Error in a
/// build without Google Benchmark, and if no name matches.
BenchResults run_suite(const SuiteOptions& options, const std::function<void(const std::string&)>& progress = {});

} // namespace poseaug::bench
