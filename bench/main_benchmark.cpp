#include "bench/suite.hpp"

#include <benchmark/benchmark.h>

#include <cstdlib>

// poseaug_bench: the whole suite under Google Benchmark's own flags. POSEAUG_THREADS sets the threads of the CPU.

int main(int argc, char** argv) {
    constexpr int published_batch = 1024;
    const char* threads = std::getenv("POSEAUG_THREADS");
    const auto places = poseaug::bench::all_places(threads ? std::atoi(threads) : 0);
    for (const auto& row : poseaug::bench::all_rows(places, published_batch)) poseaug::bench::register_row(row);
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
    benchmark::AddCustomContext("poseaug_device", places.back()->device().name());
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    return 0;
}
