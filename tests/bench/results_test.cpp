#include "bench/results.hpp"

#include "tests/bench/samples.hpp"
#include "tests/data/files.hpp"

#include <doctest/doctest.h>

using namespace poseaug;
using namespace poseaug::bench;

namespace {

/// What Google Benchmark 1.7.1 wrote for a program that registers context entries and counters.
constexpr const char* kWritten = R"({
  "context": {
    "date": "2026-11-23T03:34:16+00:00",
    "host_name": "vm",
    "executable": "build/bin/poseaug_bench",
    "num_cpus": 2,
    "mhz_per_cpu": 2596,
    "cpu_scaling_enabled": false,
    "caches": [
      {
        "type": "Data",
        "level": 1,
        "size": 32768,
        "num_sharing": 1
      }
    ],
    "load_avg": [3.13867,2.84033,2.98828],
    "library_build_type": "debug",
    "poseaug device": "CPU, 1 thread",
    "poseaug threads": "1",
    "poseaug product FLOP/s float32": "9.75e+10"
  },
  "benchmarks": [
    {
      "name": "op/batch_norm/forward/1024/cpu/real_time",
      "family_index": 0,
      "per_family_instance_index": 0,
      "run_name": "op/batch_norm/forward/1024/cpu/real_time",
      "run_type": "iteration",
      "repetitions": 2,
      "repetition_index": 0,
      "threads": 1,
      "iterations": 35,
      "real_time": 4.0327631431864575e+05,
      "cpu_time": 4.0293522857142874e+05,
      "time_unit": "ns",
      "bytes": 8.3886080000000000e+06,
      "bytes_per_second": 2.0851926337919323e+10
    },
    {
      "name": "op/batch_norm/forward/1024/cpu/real_time",
      "family_index": 0,
      "per_family_instance_index": 0,
      "run_name": "op/batch_norm/forward/1024/cpu/real_time",
      "run_type": "iteration",
      "repetitions": 2,
      "repetition_index": 1,
      "threads": 1,
      "iterations": 35,
      "real_time": 4.0277071426057123e+05,
      "cpu_time": 4.0276185714285733e+05,
      "time_unit": "ns",
      "bytes": 8.3886080000000000e+06,
      "bytes_per_second": 2.0878101863582283e+10
    },
    {
      "name": "op/batch_norm/forward/1024/cpu/real_time_mean",
      "family_index": 0,
      "per_family_instance_index": 0,
      "run_name": "op/batch_norm/forward/1024/cpu/real_time",
      "run_type": "aggregate",
      "repetitions": 2,
      "threads": 1,
      "aggregate_name": "mean",
      "aggregate_unit": "time",
      "iterations": 2,
      "real_time": 4.0302351428960849e+05,
      "cpu_time": 4.0284854285714304e+05,
      "time_unit": "ns",
      "bytes": 8.3886080000000000e+06,
      "bytes_per_second": 2.0865014000870953e+10
    },
    {
      "name": "op/matmul/backward/1024/cpu/real_time",
      "family_index": 1,
      "per_family_instance_index": 0,
      "run_name": "op/matmul/backward/1024/cpu/real_time",
      "run_type": "iteration",
      "repetitions": 0,
      "repetition_index": 0,
      "threads": 1,
      "error_occurred": true,
      "error_message": "no memory",
      "iterations": 0,
      "real_time": 0.0000000000000000e+00,
      "cpu_time": 0.0000000000000000e+00,
      "time_unit": "ns"
    },
    {
      "name": "gan_step/mlp/1024/cpu/float32/iterations:3/manual_time",
      "family_index": 2,
      "per_family_instance_index": 0,
      "run_name": "gan_step/mlp/1024/cpu/float32/iterations:3/manual_time",
      "run_type": "iteration",
      "repetitions": 1,
      "repetition_index": 0,
      "threads": 1,
      "iterations": 3,
      "real_time": 5.3300000000000000e+02,
      "cpu_time": 5.1000000000000000e+02,
      "time_unit": "ms",
      "flops": 3.0000000000000000e+10,
      "poses": 1.0240000000000000e+03
    }
  ]
}
)";

BenchResults read_text(const std::string& text) {
    const testing::TemporaryFolder folder;
    testing::write_file(folder / "run.json", text);
    return read_results(folder / "run.json");
}

std::string refusal(const std::string& from, const std::string& to) {
    return testing::error_of([&] { read_text(testing::replaced(kWritten, from, to)); });
}

} // namespace

TEST_CASE("benchmark results come back from their file to the last bit") {
    const testing::TemporaryFolder folder;
    const BenchResults written = test::sample_results();
    write_results(folder / "run.json", written);
    CHECK(folder.count() == 1);
    const BenchResults read = read_results(folder / "run.json");
    CHECK(read.date == written.date);
    CHECK(read.device == written.device);
    CHECK(read.device_kind == written.device_kind);
    CHECK(read.version == written.version);
    CHECK(read.build == written.build);
    CHECK(read.threads == written.threads);
    CHECK(read.ceilings.copy_bytes_per_second == written.ceilings.copy_bytes_per_second);
    CHECK(read.ceilings.product_flops == written.ceilings.product_flops);
    REQUIRE(read.rows.size() == written.rows.size());
    for (std::size_t i = 0; i < read.rows.size(); ++i) {
        CHECK(read.rows[i].name == written.rows[i].name);
        CHECK(read.rows[i].seconds == written.rows[i].seconds);
        CHECK(read.rows[i].bytes == written.rows[i].bytes);
        CHECK(read.rows[i].flops == written.rows[i].flops);
        CHECK(read.rows[i].poses == written.rows[i].poses);
    }
}

TEST_CASE("a file written by Google Benchmark is read, without its aggregates and errors") {
    const BenchResults results = read_text(kWritten);
    CHECK(results.date == "2026-11-23T03:34:16+00:00");
    CHECK(results.device == "CPU, 1 thread");
    CHECK(results.threads == 1);
    CHECK(results.version.empty());
    CHECK(results.ceilings.copy_bytes_per_second == 0);
    CHECK(results.ceilings.product_flops.at("float32") == 9.75e10);
    REQUIRE(results.rows.size() == 2);
    CHECK(results.rows[0].name == "op/batch_norm/forward/1024/cpu");
    CHECK(results.rows[0].seconds.size() == 2);
    CHECK(results.rows[0].seconds[1] == doctest::Approx(4.0277071426057123e-4).epsilon(1e-15));
    CHECK(results.rows[0].bytes == 8388608);
    CHECK(results.rows[0].flops == 0);
    CHECK(results.rows[1].name == "gan_step/mlp/1024/cpu/float32");
    CHECK(results.rows[1].seconds == std::vector<double>{0.533});
    CHECK(results.rows[1].bytes == 0);
    CHECK(results.rows[1].flops == 3e10);
    CHECK(results.rows[1].poses == 1024);
}

TEST_CASE("each time unit of Google Benchmark is honoured") {
    const auto seconds = [](const std::string& unit) {
        return read_text(testing::replaced(kWritten, "\"ms\"", '"' + unit + '"')).rows[1].median();
    };
    CHECK(seconds("ns") == doctest::Approx(533e-9));
    CHECK(seconds("us") == doctest::Approx(533e-6));
    CHECK(seconds("ms") == doctest::Approx(533e-3));
    CHECK(seconds("s") == doctest::Approx(533));
}

TEST_CASE("a file that holds no benchmark results is refused, saying what is missing") {
    const auto refused = [](const std::string& text, const std::string& why) {
        const std::string error = testing::error_of([&] { read_text(text); });
        CAPTURE(error);
        CHECK(testing::contains(error, "run.json"));
        CHECK(testing::contains(error, why));
    };
    refused("", "not valid JSON");
    refused(std::string(kWritten).substr(0, 2000), "not valid JSON");
    refused("[1, 2]", "no object \"context\"");
    refused(R"({"benchmarks": []})", "no object \"context\"");
    refused(R"({"context": {"poseaug device": "CPU"}})", "no list \"benchmarks\"");
    refused(R"({"context": {"poseaug device": "CPU"}, "benchmarks": {}})", "no list \"benchmarks\"");
    refused(R"({"context": {"poseaug device": "CPU"}, "benchmarks": []})", "no measurement");
    refused(R"({"context": {"poseaug device": "CPU"}, "benchmarks": [7]})", "entry 1");
    refused(R"({"context": {"date": "today"}, "benchmarks": []})", "not of poseaug's suite");
    const std::string missing = testing::error_of([] { read_results("no/such/file.json"); });
    CHECK(testing::contains(missing, "no/such/file.json"));
}

TEST_CASE("a damaged entry of a results file is named") {
    CHECK(testing::contains(refusal("\"run_name\": \"gan_step", "\"run_name\": 7, \"x\": \"gan_step"), "entry 5"));
    CHECK(testing::contains(refusal("5.3300000000000000e+02", "\"soon\""), "gan_step/mlp/1024/cpu/float32, has no"));
    CHECK(testing::contains(refusal("5.3300000000000000e+02", "-1"), "\"real_time\" above 0"));
    CHECK(testing::contains(refusal("\"ms\"", "\"fortnight\""), "\"time_unit\" of ns, us, ms or s"));
    CHECK(testing::contains(refusal("\"flops\": 3", "\"flops\": -3"), "\"flops\" that is no number of at least 0"));
    CHECK(testing::contains(refusal("\"CPU, 1 thread\"", "1"), "\"poseaug device\" of its context is no text"));
    CHECK(testing::contains(refusal("\"9.75e+10\"", "\"fast\""), "\"poseaug product FLOP/s float32\""));
    CHECK(testing::contains(refusal("threads\": \"1\"", "threads\": \"-1\""), "\"poseaug threads\""));
}

TEST_CASE("no damage to a results file does more than to have it refused") {
    const testing::TemporaryFolder folder;
    const int refused = testing::refused_mutations(kWritten, 300, [&](const std::string& bytes) {
        testing::write_file(folder / "run.json", bytes);
        read_results(folder / "run.json");
    });
    CHECK(refused > 100);
}

TEST_CASE("results that cannot be written leave nothing") {
    const testing::TemporaryFolder folder;
    const auto to = [&](const std::string& name) {
        return testing::error_of([&] { write_results(folder / name, test::sample_results()); });
    };
    CHECK(testing::contains(to("none/run.json"), "there is no folder"));
    {
        const testing::FileSizeLimit full(1024);
        CHECK(testing::contains(to("run.json"), "cannot be written"));
    }
    CHECK(folder.count() == 0);
}

TEST_CASE("names of benchmarks are taken apart") {
    const auto op = parse_name("op/project/backward/1024/cuda");
    REQUIRE(op);
    CHECK(op->is_op());
    CHECK(op->subject == "project");
    CHECK(op->direction == "backward");
    CHECK(op->batch == 1024);
    CHECK(op->device == "cuda");
    CHECK(op->precision == "float32");
    const auto step = parse_name("epoch/stgcn/256/cuda/bf16");
    REQUIRE(step);
    CHECK_FALSE(step->is_op());
    CHECK(step->kind == "epoch");
    CHECK(step->subject == "stgcn");
    CHECK(step->batch == 256);
    CHECK(step->device == "cuda");
    CHECK(step->precision == "bf16");
    const auto variant = parse_name("memory/gcn/64/cpu_1_thread/float32");
    REQUIRE(variant);
    CHECK(variant->kind == "memory");
    CHECK(variant->device == "cpu_1_thread");
    CHECK(parse_name("read/npz/40000/cpu/float32")->batch == 40000);
    for (const char* other :
         {"", "op", "op/project/backward/1024", "op/project/sideways/1024/cpu", "op/project/forward/many/cpu",
          "op/project/forward/0/cpu", "BM_memcpy/1/2/3/4", "infer/mlp/1024/cpu/float32/more"})
        CHECK_FALSE(parse_name(other));
}

TEST_CASE("the memory of a training is written and read, and absent of other rows") {
    const testing::TemporaryFolder folder;
    BenchResults results = test::sample_results();
    results.rows[6].memory = TrainingMemory{1, 2, 4, 8.5, 16, 32};
    write_results(folder / "r.json", results);
    const BenchResults read = read_results(folder / "r.json");
    CHECK_FALSE(read.rows[5].memory);
    REQUIRE(read.rows[6].memory);
    for (const MemoryPart& part : kMemoryParts)
        CHECK(*read.rows[6].memory.*part.bytes == *results.rows[6].memory.*part.bytes);
    CHECK(read.rows[6].memory->base() == 15.5);
}

TEST_CASE("a row is named without what Google Benchmark appends") {
    CHECK(row_name("op/project/forward/1024/cpu/real_time") == "op/project/forward/1024/cpu");
    CHECK(row_name("infer/mlp/1024/cpu/float32/iterations:3/repeats:5/manual_time") == "infer/mlp/1024/cpu/float32");
    CHECK(row_name("infer/mlp/1024/cpu/float32") == "infer/mlp/1024/cpu/float32");
}

TEST_CASE("median and spread of a row shrug off a single outlier") {
    BenchRow row{.name = "", .seconds = {3, 1, 2}};
    CHECK(row.median() == 2);
    row.seconds = {4, 1, 3, 2};
    CHECK(row.median() == 2.5);
    row.seconds = {10, 11, 12, 13, 1000};
    CHECK(row.median() == 12);
    CHECK(row.quartiles() == std::pair(11.0, 13.0));
    CHECK(row.spread() == doctest::Approx(1.0 / 12));
    row.seconds = {5};
    CHECK(row.median() == 5);
    CHECK(row.spread() == 0);
}
