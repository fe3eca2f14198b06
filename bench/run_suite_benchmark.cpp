#include "bench/run_suite.hpp"

#include "bench/suite.hpp"
#include "kernels/error.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <regex>

namespace poseaug::bench {
namespace {

/// The rows whose names match, of the one device that is asked for.
std::vector<SuiteRow> chosen_rows(const SuiteOptions& options, const std::shared_ptr<Place>& place) {
    std::regex filter;
    try {
        filter = std::regex(options.filter);
    } catch (const std::regex_error&) {
        throw Error("--filter: '" + options.filter + "' is not a regular expression");
    }
    std::vector<SuiteRow> rows = all_rows({place}, options.batch);
    std::erase_if(rows, [&](const SuiteRow& row) { return !std::regex_search(row.name, filter); });
    return rows;
}

/// Takes down what Google Benchmark measured.
class Notes : public benchmark::BenchmarkReporter {
public:
    Notes(BenchResults& results, const std::function<void(const std::string&)>& progress)
        : results_(results), progress_(progress) {}
    bool ReportContext(const Context&) override { return true; }
    void ReportRuns(const std::vector<Run>& runs) override {
        BenchRow row;
        for (const Run& run : runs) {
            if (run.error_occurred) throw Error(run.benchmark_name() + ": " + run.error_message);
            if (run.run_type != Run::RT_Iteration) continue;
            row.name = row_name(run.benchmark_name());
            row.seconds.push_back(run.GetAdjustedRealTime() / benchmark::GetTimeUnitMultiplier(run.time_unit));
            const auto counter = [&](const char* name) { return static_cast<double>(run.counters.at(name)); };
            row.bytes = counter("bytes");
            row.flops = counter("flops");
            row.poses = counter("poses");
            if (!run.counters.contains(memory_counter(kMemoryParts[0]))) continue;
            row.memory.emplace();
            for (const MemoryPart& part : kMemoryParts) *row.memory.*part.bytes = counter(memory_counter(part).c_str());
        }
        if (row.seconds.empty()) return;
        if (progress_) progress_(row.name);
        const auto before = std::ranges::find(results_.rows, row.name, &BenchRow::name);
        if (before == results_.rows.end()) results_.rows.push_back(std::move(row));
        else before->seconds.insert(before->seconds.end(), row.seconds.begin(), row.seconds.end());
    }

private:
    BenchResults& results_;
    const std::function<void(const std::string&)>& progress_;
};

} // namespace

std::vector<std::string> list_suite(const SuiteOptions& options) {
    std::vector<std::string> names;
    for (const SuiteRow& row : chosen_rows(options, std::make_shared<Place>(options.device))) names.push_back(row.name);
    return names;
}

BenchResults run_suite(const SuiteOptions& options, const std::function<void(const std::string&)>& progress) {
    const auto place = std::make_shared<Place>(options.device);
    place->device(); // what it cannot do is to be said first
    const std::vector<SuiteRow> rows = chosen_rows(options, place);
    if (rows.empty()) throw Error("--filter: no benchmark is named like '" + options.filter + "'; see --list");
    BenchResults results = describe({place});
    benchmark::ClearRegisteredBenchmarks();
    for (const SuiteRow& row : rows) register_row(row, options.seconds);
    Notes notes(results, progress);
    for (int i = 0; i < options.repetitions; ++i) benchmark::RunSpecifiedBenchmarks(&notes, "all");
    place->measure_ceilings();
    results.ceilings = describe({place}).ceilings;
    return results;
}

} // namespace poseaug::bench
