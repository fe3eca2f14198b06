#include "bench/suite.hpp"
#include "bench/temporary_folder.hpp"
#include "data/h36m.hpp"
#include "data/synth.hpp"

#include <benchmark/benchmark.h>

#include <chrono>

namespace poseaug::bench {
namespace {

constexpr std::int64_t kPoses = 40'000;

void run_read(benchmark::State& state, Place& place) {
    const TemporaryFolder folder;
    write_synthetic(folder / "data", {.poses = kPoses});
    std::vector<std::string> subjects = kTrainingSubjects;
    subjects.insert(subjects.end(), kTestSubjects.begin(), kTestSubjects.end());
    std::int64_t poses = 0;
    for (auto _ : state) {
        const auto begin = std::chrono::steady_clock::now();
        poses = load_h36m(folder / "data", "gt", subjects).size();
        state.SetIterationTime(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    }
    double bytes = 0;
    for (const char* file : {"data/data_3d_h36m.npz", "data/data_2d_h36m_gt.npz"})
        bytes += static_cast<double>(std::filesystem::file_size(folder / file));
    set_counters(state, place, {.flops = 0, .bytes = bytes}, static_cast<double>(poses));
}

} // namespace

std::vector<SuiteRow> read_rows(const Places& places) {
    std::vector<SuiteRow> rows;
    for (const auto& place : places)
        if (place->kind() == "cpu")
            rows.push_back({"read/npz/" + std::to_string(kPoses) + "/cpu/" + place->precision(),
                            [place](benchmark::State& state) { run_read(state, *place); }});
    return rows;
}

} // namespace poseaug::bench
