#include "bench/result_table.hpp"

#include "bench/roofline.hpp"
#include "bench/text_columns.hpp"
#include "tests/bench/samples.hpp"
#include "tests/data/files.hpp"

#include <doctest/doctest.h>

#include <sstream>

using namespace poseaug;
using namespace poseaug::bench;
using testing::contains;

namespace {

/// The words of the first line that begins with `start`.
std::vector<std::string> words_of_line(const std::string& text, const std::string& start) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with(start)) {
            std::istringstream words(line);
            return {std::istream_iterator<std::string>(words), {}};
        }
    return {};
}

using Words = std::vector<std::string>;

} // namespace

TEST_CASE("the share of the roofline is the time that the ceilings allow over the median") {
    const BenchResults results = test::sample_results();
    const auto project = roofline_share(results, results.rows[0]); // 0.5 MB at 100 GB/s are 5 us, 0.2 MFLOP 0.2 us
    REQUIRE(project);
    CHECK(project->floor_seconds == doctest::Approx(5e-6));
    CHECK(project->share == doctest::Approx(0.5));
    CHECK(project->memory_binds);
    const auto product = roofline_share(results, results.rows[2]); // 2 GFLOP at 1 TFLOP/s are 2 ms, 12 MB 0.12 ms
    REQUIRE(product);
    CHECK(product->floor_seconds == doctest::Approx(2e-3));
    CHECK(product->share == doctest::Approx(0.5));
    CHECK_FALSE(product->memory_binds);
}

TEST_CASE("there is no share of a roofline without counters or ceilings") {
    BenchResults results = test::sample_results();
    CHECK(roofline_share(results, results.rows[4]));
    CHECK_FALSE(roofline_share(results, results.rows[5]));
    results.ceilings.product_flops.clear();
    CHECK(roofline_share(results, results.rows[4]));
    CHECK_FALSE(roofline_share(results, results.rows[0]));
    results = test::sample_results();
    results.rows[0].name = "op/project/forward/1024/cuda"; // and the ceilings are a CPU's
    CHECK_FALSE(roofline_share(results, results.rows[0]));
    results.rows[6].name = "gan_step/mlp/1024/cpu/bf16";
    CHECK_FALSE(roofline_share(results, results.rows[6]));
    results.ceilings.product_flops["bf16"] = 2e12;
    CHECK(roofline_share(results, results.rows[6])->floor_seconds == doctest::Approx(0.2));
}

TEST_CASE("the table has both directions of an op in a line") {
    const std::string table = result_table(test::sample_results());
    CAPTURE(table);
    CHECK(words_of_line(table, "project") == Words{"project", "10", "us", "1.0", "50.0", "20.0", "50%", "mem", "|",
                                                   "20", "us", "1.0", "50.0", "30.0", "50%", "mem"});
    CHECK(words_of_line(table, "matmul") == Words{"matmul", "4", "ms", "1.0", "3.0", "500", "50%", "arith", "|", "5",
                                                  "ms", "1.0", "4.8", "800", "80%", "arith"});
    CHECK(words_of_line(table, "halve_columns") ==
          Words{"halve_columns", "100", "us", "1.0", "80.0", "-", "80%", "mem", "|"});
    CHECK(words_of_line(table, "score_accuracy_1") ==
          Words{"score_accuracy_1", "900", "ns", "1.0", "-", "-", "-", "-", "|"});
}

TEST_CASE("the table has a line for each step") {
    const std::string table = result_table(test::sample_results());
    CAPTURE(table);
    CHECK(words_of_line(table, "infer") ==
          Words{"infer", "mlp", "50", "ms", "1.0", "6.0", "800", "80%", "arith", "20480"});
    CHECK(contains(table, "steps, batch 1024, cpu, float32\n"));
}

TEST_CASE("the table has a line for what a training's memory came to, and none for its time") {
    BenchResults results = test::sample_results();
    results.rows.push_back({.name = "memory/stgcn/64/cpu/float32", .seconds = {3}});
    results.rows.back().memory = TrainingMemory{10e6, 20e6, 5e6, 65e6, 125e6, 25e6};
    const std::string table = result_table(results);
    CAPTURE(table);
    CHECK(contains(table, "memory in MB, batch 64, cpu, float32\n"));
    CHECK(words_of_line(table, "stgcn") ==
          Words{"stgcn", "10.0", "20.0", "5.0", "65.0", "100", "125", "1.25", "25.0", "1.00"});
    CHECK_FALSE(contains(table, "steps, batch 64"));
}

TEST_CASE("the table tells how much of an iteration its products take alone") {
    BenchResults results = test::sample_results();
    results.rows.push_back({.name = "products/gcn/64/cpu/float32", .seconds = {0.6}});
    CHECK_FALSE(contains(result_table(results), "products of an iteration"));
    results.rows.push_back({.name = "iteration/gcn/64/cpu/float32", .seconds = {0.8}});
    const std::string table = result_table(results);
    CAPTURE(table);
    CHECK(contains(table, "products of an iteration"));
    CHECK(words_of_line(table, "gcn") == Words{"gcn", "64", "600", "ms", "800", "ms", "75%"});
}

TEST_CASE("the table tells what packs gain on one core, by the fastest repetitions") {
    BenchResults results = test::sample_results();
    results.rows.push_back({.name = "one_core/kcs/forward/64/packs", .seconds = {3e-6, 2e-6, 9e-6}});
    CHECK_FALSE(contains(result_table(results), "one core"));
    results.rows.push_back({.name = "one_core/kcs/forward/64/scalar", .seconds = {11e-6, 10e-6}});
    const std::string table = result_table(results);
    CAPTURE(table);
    CHECK(words_of_line(table, "kcs/forward/64") == Words{"kcs/forward/64", "10", "us", "2", "us", "5.0"});
    CHECK_FALSE(contains(table, "one_core"));
}

TEST_CASE("the table tells what more threads than one gain") {
    BenchResults results = test::sample_results();
    CHECK_FALSE(contains(result_table(results), "from 1 thread"));
    results.rows.push_back({.name = "infer/mlp/1024/cpu_1_thread/float32", .seconds = {0.09}});
    results.rows.push_back({.name = "infer/gcn/1024/cpu_1_thread/float32", .seconds = {0.09}}); // and not on more
    const std::string table = result_table(results);
    CAPTURE(table);
    const std::string scaling = table.substr(table.find("to 2 threads"));
    CHECK(words_of_line(scaling, "infer") == Words{"infer", "mlp", "1024", "90", "ms", "50", "ms", "1.80"});
    CHECK_FALSE(contains(scaling, "gcn"));
}

TEST_CASE("the table says of which device and when, with its ceilings, in lines that fit") {
    BenchResults results = test::sample_results();
    results.rows.push_back({.name = "copy", .seconds = {1e-3}, .bytes = 5e7});
    results.rows.push_back({.name = "op/pose_mean_outside_range/forward/64/cpu", .seconds = {12.345e-6}, .bytes = 5e7});
    const std::string table = result_table(results);
    CAPTURE(table);
    CHECK(contains(table, "CPU <made & up>, 2 threads; 2026-11-23T10:00:00+00:00; poseaug 0.1.0+1234567\n"));
    CHECK(contains(table, "ceilings: copy 100 GB/s, product 1000 GFLOP/s (float32)\n"));
    CHECK(contains(table, "ops, batch 64, cpu, float32\n"));
    CHECK(words_of_line(table, "copy") == Words{"copy", "1", "ms", "-", "50.0", "-", "50%", "mem"});
    std::istringstream lines(table);
    for (std::string line; std::getline(lines, line);) {
        CHECK(line.size() < 110);
        CHECK_FALSE(line.ends_with(' '));
    }
    results.ceilings = {};
    CHECK(contains(result_table(results), "ceilings: not measured\n"));
}

TEST_CASE("durations are given in the unit that suits them") {
    CHECK(time_text(12.3e-9) == "12.3 ns");
    CHECK(time_text(403.276e-6) == "403.3 us");
    CHECK(time_text(0.5) == "500 ms");
    CHECK(time_text(2.5) == "2.5 s");
}
