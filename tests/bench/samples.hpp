#pragma once
#include "bench/results.hpp"

namespace poseaug::test {

/// Results of a made-up device: 100 GB/s, 1 TFLOP/s. It has pose ops that memory binds, a product that arithmetic binds,
/// an op that only moves data, one that has no counters, and steps of two estimators.
inline bench::BenchResults sample_results() {
    const auto around = [](double seconds) {
        return std::vector<double>{seconds, seconds * 1.01, seconds * 0.99, seconds * 1.02, seconds / 3 * 2.95};
    };
    bench::BenchResults results;
    results.date = "2026-11-23T10:00:00+00:00";
    results.device = "CPU <made & up>, 2 threads";
    results.device_kind = "cpu";
    results.version = "0.1.0+1234567";
    results.build = "Release, -march=native";
    results.threads = 2;
    results.ceilings.copy_bytes_per_second = 100e9;
    results.ceilings.product_flops = {{"float32", 1e12}};
    results.rows = {
        {"op/project/forward/1024/cpu", around(10e-6), 0.5e6, 0.2e6, 1024},
        {"op/project/backward/1024/cpu", around(20e-6), 1e6, 0.6e6, 1024},
        {"op/matmul/forward/1024/cpu", around(4e-3), 12e6, 2e9, 0},
        {"op/matmul/backward/1024/cpu", around(5e-3), 24e6, 4e9, 0},
        {"op/slice_columns/forward/1024/cpu", around(100e-6), 8e6, 0, 0},
        {"op/score_accuracy_1/forward/1024/cpu", around(900e-9), 0, 0, 0},
        {"gan_step/mlp/1024/cpu/float32", around(0.5), 4e9, 4e11, 1024},
        {"infer/mlp/1024/cpu/float32", around(0.05), 3e8, 4e10, 1024},
        {"gan_step/videopose/1024/cpu/float32", around(0.8), 6e9, 7e11, 1024},
    };
    return results;
}

} // namespace poseaug::test
