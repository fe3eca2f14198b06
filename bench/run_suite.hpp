#pragma once
#include "bench/results.hpp"
#include "engine/device.hpp"

#include <functional>
#include <string>
#include <vector>

namespace poseaug::bench {

struct SuiteOptions {
    DeviceOptions device; ///< kind "cpu" or "cuda"
    std::string filter;   ///< regular expression of names
    int batch = 1024;     ///< of steps, and of ops; pose ops are also measured at 2^20
    double seconds = 0.1; ///< of each repetition, at least
    int repetitions = 5;
};

/// Names of the rows that `options.filter` chooses. Throws Error if it is no regular expression.
std::vector<std::string> list_suite(const SuiteOptions& options);

/// Measures them, all rows once a repetition, so that what disturbs the machine for a while shows in a row's spread and
/// not as its time; and before and after them the device's ceilings, of which the better count. `progress` is told the
/// name of each row that is done, a repetition each. Throws Error in a build without Google Benchmark, and if no name
/// matches.
BenchResults run_suite(const SuiteOptions& options, const std::function<void(const std::string&)>& progress = {});

} // namespace poseaug::bench
