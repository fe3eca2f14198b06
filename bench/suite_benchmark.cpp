#include "bench/suite.hpp"

#include "poseaug_version.hpp"

#include <benchmark/benchmark.h>
#include <fmt/chrono.h>

#include <ctime>

namespace poseaug::bench {
namespace {

benchmark::TimeUnit unit_of(const std::string& name) {
    if (name.starts_with("op/") || name.starts_with("one_core/")) return benchmark::kMicrosecond;
    return name.starts_with("epoch/") || name.starts_with("memory/") ? benchmark::kSecond : benchmark::kMillisecond;
}

} // namespace

std::vector<SuiteRow> all_rows(const Places& places, int batch) {
    std::vector<SuiteRow> rows = op_rows(places, batch);
    const auto add = [&](const std::vector<SuiteRow>& more) { rows.insert(rows.end(), more.begin(), more.end()); };
    if (batch != kManyPoses) add(many_pose_rows(places));
    add(one_core_rows(places, batch));
    add(memory_rows(places, batch)); // before the steps, which keep a training
    add(step_rows(places, batch));
    add(epoch_rows(places, batch));
    add(read_rows(places));
    return rows;
}

BenchResults describe(const Places& places) {
    Place& last = *places.back();
    BenchResults results;
    results.date = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
    results.device = last.device().name();
    results.device_kind = last.kind();
    results.version = std::string(kVersion);
    results.build = std::string(kCompiler);
    results.threads = last.kind() == "cpu" ? last.device().queue().pool->size() : 0;
    results.ceilings.copy_bytes_per_second = last.copy_bandwidth();
    for (const auto& place : places)
        if (place->kind() == last.kind()) results.ceilings.product_flops[place->precision()] = place->product_rate();
    return results;
}

void register_row(const SuiteRow& row, double seconds) {
    auto* registered = benchmark::RegisterBenchmark(row.name.c_str(), row.run);
    registered->UseManualTime()->Unit(unit_of(row.name));
    if (seconds > 0) registered->MinTime(seconds);
}

void set_counters(benchmark::State& state, Place& place, const Work& work, double poses) {
    using benchmark::Counter;
    const auto per_second = [](double value) { return Counter(value, Counter::kIsIterationInvariantRate); };
    state.counters["bytes"] = work.bytes;
    state.counters["flops"] = work.flops;
    state.counters["poses"] = poses;
    state.counters["bytes_per_second"] = per_second(work.bytes);
    state.counters["flops_per_second"] = per_second(work.flops);
    state.counters["share"] = per_second(place.floor_seconds(work.bytes, work.flops));
}

} // namespace poseaug::bench
