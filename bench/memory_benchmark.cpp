#include "bench/suite.hpp"
#include "bench/training_memory.hpp"

#include <benchmark/benchmark.h>

#include <chrono>
#include <map>

namespace poseaug::bench {
namespace {

constexpr int kBatches = 8; ///< of the data, test subjects included

/// A training's memory, and the seconds that it took.
struct Measured {
    TrainingMemory memory;
    double seconds = 0;
};

/// Measured when it is first asked for.
const Measured& measured(Place& place, const Estimator& kind, int batch) {
    static std::map<std::pair<std::string_view, int>, Measured> all;
    const auto key = std::pair(kind.name, batch);
    if (const auto found = all.find(key); found != all.end()) return found->second;
    const auto begin = std::chrono::steady_clock::now();
    Measured one{measure_training_memory(place.device(), kind, batch, std::int64_t{kBatches} * batch), 0};
    one.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return all.emplace(key, one).first->second;
}

void run_memory(benchmark::State& state, Place& place, const Estimator& kind, int batch) {
    const Measured& training = measured(place, kind, batch);
    for (auto _ : state) state.SetIterationTime(training.seconds);
    state.counters["bytes"] = state.counters["flops"] = 0;
    state.counters["poses"] = kBatches * static_cast<double>(batch);
    for (const MemoryPart& part : kMemoryParts) state.counters[memory_counter(part)] = training.memory.*part.bytes;
}

} // namespace

std::vector<SuiteRow> memory_rows(const Places& places, int batch) {
    std::vector<SuiteRow> rows;
    for (const auto& place : places) {
        if (place->kind() != "cpu") continue;
        for (const Estimator& kind : estimators())
            rows.push_back(
                {"memory/" + std::string(kind.name) + "/" + std::to_string(batch) + "/cpu/" + place->precision(),
                 [place, &kind, batch](benchmark::State& state) { run_memory(state, *place, kind, batch); }});
    }
    return rows;
}

} // namespace poseaug::bench
