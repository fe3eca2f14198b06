#include "bench/suite.hpp"
#include "kernels/error.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <string_view>

// poseaug_bench: the whole suite under Google Benchmark's own flags. POSEAUG_THREADS sets the threads of the CPU.

namespace {

constexpr int kPublishedBatch = 1024;

/// 0, all of them, where the variable is not set.
int threads_asked_for() {
    const char* text = std::getenv("POSEAUG_THREADS");
    if (!text) return 0;
    const std::string_view value = text;
    int threads = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), threads);
    if (error != std::errc() || end != value.data() + value.size() || threads < 1)
        throw poseaug::Error("POSEAUG_THREADS is '" + std::string(value) + "', not a number of threads");
    return threads;
}

int run(int argc, char** argv) {
    const auto places = poseaug::bench::all_places(threads_asked_for());
    for (const auto& row : poseaug::bench::all_rows(places, kPublishedBatch)) poseaug::bench::register_row(row);
    const bool only_lists = std::any_of(argv, argv + argc, [](std::string_view word) {
        return word.starts_with("--benchmark_list_tests") && !word.ends_with("=false");
    });
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
    if (!only_lists)
        for (const auto& [key, value] : poseaug::bench::context_entries(poseaug::bench::describe(places)))
            benchmark::AddCustomContext(key, value);
    const std::size_t found = benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    return found > 0 ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
    try {
        return run(argc, argv);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "poseaug_bench: %s\n", error.what());
        return 1;
    }
}
