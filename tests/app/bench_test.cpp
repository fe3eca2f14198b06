#include "bench/results.hpp"
#include "engine/cudnn.hpp"
#include "tests/app/command_line.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <set>
#include <sstream>

using namespace poseaug;
using namespace poseaug::testing;

namespace {

const std::vector<std::string> kQuick = {
    "bench",   "--device", "cpu",           "--threads", "1",         "--filter", "op/(unit_bones|tanh)/",
    "--batch", "64",       "--repetitions", "3",         "--seconds", "0.0001"};

std::vector<std::string> with(std::vector<std::string> words, std::initializer_list<std::string> more) {
    words.insert(words.end(), more);
    return words;
}

/// Whether this build has the suite; any other reason not to list its rows fails.
bool can_measure() {
    const Outcome outcome = run_poseaug(with(kQuick, {"--list"}));
    const bool without = outcome.says("without Google Benchmark");
    CHECK((without || outcome.status == 0));
    return !without;
}

} // namespace

TEST_CASE("bench: measures what the filter finds, and writes a table, results and a picture") {
    if (!can_measure()) return;
    const Samples samples;
    const std::string results = samples.path("r.json"), picture = samples.path("r.svg");
    const Outcome outcome = run_poseaug(with(kQuick, {"--out", results, "--svg", picture}));
    INFO(outcome.errors << outcome.output);
    REQUIRE(outcome.status == 0);
    CHECK(contains(outcome.output, "unit_bones"));
    CHECK(contains(outcome.output, "tanh"));
    CHECK_FALSE(contains(outcome.output, "kcs"));
    const bench::BenchResults read = bench::read_results(results);
    CHECK(read.device.starts_with("CPU, 1 thread, "));
    CHECK(read.threads == 1);
    CHECK(read.ceilings.copy_bytes_per_second > 1e8);
    CHECK(read.ceilings.product_flops.at("float32") > 1e8);
    // both directions of both at the batch, and of the pose op at 2^20 poses
    REQUIRE(read.rows.size() == 6);
    for (const bench::BenchRow& row : read.rows) {
        CAPTURE(row.name);
        CHECK(row.seconds.size() == 3);
        CHECK(row.median() > 0);
        CHECK(row.bytes > 0);
        CHECK(row.flops > 0);
    }
    std::ifstream file(picture);
    const std::string svg((std::istreambuf_iterator<char>(file)), {});
    CHECK(svg.starts_with("<"));
    CHECK(contains(svg, "unit_bones"));
}

TEST_CASE("bench: rows are those of the batch asked for, each once") {
    if (!can_measure()) return;
    const Outcome some = run_poseaug({"bench", "--device", "cpu", "--batch", "256", "--list"});
    CHECK(contains(some.output, "op/kcs/forward/256/cpu"));
    CHECK(contains(some.output, "gan_step/mlp/256/cpu/float32"));
    const Outcome all = run_poseaug({"bench", "--device", "cpu", "--batch", "256", "--filter", ".", "--list"});
    for (const char* row : {"infer/gcn/1/cpu/float32", "memory/stgcn/256/cpu/float32", "read/npz/40000/cpu/float32"})
        CHECK_MESSAGE(contains(all.output, row), row);
    const Outcome two = run_poseaug({"bench", "--device", "cpu", "--threads", "2", "--list"});
    CHECK(contains(two.output, "iteration/mlp/1024/cpu_1_thread/float32"));
    CHECK_FALSE(contains(two.output, "fit_step/mlp/1024/cpu_1_thread"));
    CHECK_FALSE(contains(run_poseaug({"bench", "--device", "cpu", "--threads", "1", "--list"}).output, "cpu_1_thread"));
    const Outcome gpu = run_poseaug({"bench", "--device", "cuda", "--filter", ".", "--list"});
    CHECK(contains(gpu.output, "gan_step/videopose/1024/cuda/float32"));
    for (const char* row :
         {"gan_step/videopose/1024/cuda_cudnn/float32", "op/cudnn_convolution/forward/1024/cuda_cudnn"})
        CHECK(contains(gpu.output, row) == !why_no_cudnn());
    std::istringstream lines(run_poseaug({"bench", "--device", "cpu", "--batch", "1048576", "--list"}).output);
    std::set<std::string> names;
    for (std::string name; std::getline(lines, name);) CHECK_MESSAGE(names.insert(name).second, name);
    CHECK(names.size() > 40);
}

TEST_CASE("bench: compares with earlier results, and fails where a row got slower") {
    if (!can_measure()) return;
    const Samples samples;
    const std::string old_file = samples.path("old.json"), slow_file = samples.path("slow.json");
    const auto words = with(kQuick, {"--out", old_file});
    REQUIRE(run_poseaug(words).status == 0);
    bench::BenchResults results = bench::read_results(old_file);
    for (bench::BenchRow& row : results.rows)
        for (double& seconds : row.seconds) seconds *= 1000;
    bench::write_results(slow_file, results); // in which the program of today is far ahead
    const Outcome faster = run_poseaug(with(kQuick, {"--compare", slow_file}));
    INFO(faster.errors << faster.output);
    CHECK(faster.status == 0);
    CHECK(contains(faster.output, "faster"));
    for (bench::BenchRow& row : results.rows)
        for (double& seconds : row.seconds) seconds *= 1e-6;
    bench::write_results(slow_file, results);
    const Outcome slower = run_poseaug(with(kQuick, {"--compare", slow_file}));
    CHECK(slower.status == 1);
    CHECK(slower.says("slower than " + slow_file));
    CHECK(contains(slower.output, "slower"));
}

TEST_CASE("bench: a dry run counts an iteration of every estimator, or of one") {
    const Outcome all = run_poseaug({"bench", "--dry-run", "--device", "cpu", "--batch", "64"});
    INFO(all.errors << all.output);
    CHECK(all.status == 0);
    for (const char* part : {"mlp, batch 64", "videopose", "gcn", "stgcn", "augmentor, forward",
                             "discriminators, backward", "estimator, update", "iteration", "inference", "matmul"})
        CHECK_MESSAGE(contains(all.output, part), part);
    const Outcome one = run_poseaug({"bench", "--dry-run", "--device", "cpu", "--batch", "64", "--model", "gcn",
                                     "--bandwidth", "100", "--products", "2", "--launch", "5"});
    CHECK(one.status == 0);
    CHECK_FALSE(contains(one.output, "videopose"));
    CHECK(contains(one.output, "100 GB/s, products 2.0 TFLOP/s"));
    const Outcome gpu = run_poseaug({"bench", "--dry-run", "--device", "cuda", "--batch", "64", "--model", "mlp"});
    CHECK(gpu.status == (built_with_cuda() ? 0 : 1));
    if (built_with_cuda()) CHECK(contains(gpu.output, "block_kernel<"));
    else CHECK(gpu.says("needs a build with CUDA"));
}

TEST_CASE("bench: what cannot be measured is refused before anything is") {
    const Samples samples;
    const std::string text = samples.path("notes.json");
    std::ofstream(text) << "not JSON";
    if (can_measure()) {
        CHECK(run_poseaug({"bench", "--device", "cpu", "--filter", "op/nothing/"}).says("op/nothing/"));
        CHECK(run_poseaug({"bench", "--device", "cpu", "--filter", "op/("}).says("not a regular expression"));
        CHECK(run_poseaug(with(kQuick, {"--compare", text})).says("notes.json"));
        CHECK(run_poseaug(with(kQuick, {"--out", samples.path("nowhere/r.json")})).says("nowhere"));
        const std::string both = samples.path("both");
        CHECK(run_poseaug(with(kQuick, {"--out", both, "--svg", both})).says("both name"));
        bench::BenchResults other{.date = "2026-01-01", .device = "CPU, 1 thread", .device_kind = "cpu"};
        other.rows.push_back({.name = "op/kcs/forward/8/cpu", .seconds = {1.0}});
        bench::write_results(samples.path("other.json"), other);
        CHECK(run_poseaug(with(kQuick, {"--compare", samples.path("other.json")})).says("none of the rows"));
    } else {
        CHECK(run_poseaug(kQuick).says("without Google Benchmark"));
    }
    CHECK(run_poseaug({"bench", "--compare", samples.path("missing.json")}).status == 2);
    CHECK(run_poseaug({"bench", "--model", "mlp"}).says("--dry-run"));
    CHECK(run_poseaug({"bench", "--dry-run", "--out", samples.path("r.json")}).status == 2);
    CHECK(run_poseaug({"bench", "--dry-run", "--bandwidth", "inf"}).status == 2);
    if (why_no_cuda()) CHECK(run_poseaug({"bench", "--device", "cuda"}).status == 1);
}
