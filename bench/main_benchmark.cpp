#include "bench/suite.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

// poseaug_bench: the whole suite under Google Benchmark's own flags. POSEAUG_THREADS sets the threads of the CPU.

int main(int argc, char** argv) {
    constexpr int published_batch = 1024;
    const char* threads = std::getenv("POSEAUG_THREADS");
    const auto places = poseaug::bench::all_places(threads ? std::atoi(threads) : 0);
    for (const auto& row : poseaug::bench::all_rows(places, published_batch)) poseaug::bench::register_row(row);
    const bool only_lists = std::any_of(argv, argv + argc, [](std::string_view word) {
        return word.starts_with("--benchmark_list_tests") && !word.ends_with("=false");
    });
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
    if (!only_lists)
        for (const auto& [key, value] : poseaug::bench::context_entries(poseaug::bench::describe(places)))
            benchmark::AddCustomContext(key, value);
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    return 0;
}
