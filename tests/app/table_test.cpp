#include "tests/app/command_line.hpp"

#include <doctest/doctest.h>

using namespace poseaug;
using namespace poseaug::testing;

namespace {

using Words = std::vector<std::string>;

Outcome table(const std::string& out, const Words& more) {
    Words words = {"table", "--out", out, "--device", "cpu", "--quiet"};
    words.insert(words.end(), more.begin(), more.end());
    return run_poseaug(words);
}

Words small(const std::string& data) {
    return {"--data",   data, "--models", "mlp", "--seeds", "0,1", "--pretrain-epochs", "1",
            "--epochs", "3",  "--width",  "8",   "--batch", "64",  "--stride",          "4"};
}

} // namespace

TEST_CASE("table: trains a grid, goes on with it, and collects it") {
    Samples samples;
    const std::string data = samples.data(), out = samples.path("grid"), file = samples.path("table.json");
    Words words = small(data);
    words.insert(words.end(), {"--json", file});
    const Outcome trained = table(out, words);
    INFO(trained.errors);
    REQUIRE(trained.status == 0);
    CHECK(contains(trained.output, "| h36m | mlp"));
    CHECK(contains(trained.output, "| 3dhp | mlp"));
    CHECK(trained.says("mlp, gt, seed 1: PoseAug"));

    // the mean of the two runs' own figures
    const auto entry = read_json(file).at("table").at("h36m").at("gt").at("mlp").at("alone");
    double sum = 0;
    for (const char* seed : {"seed0", "seed1"})
        sum +=
            read_json(out + "/mlp/gt/" + seed + "/alone/log.jsonl").at("errors").at("h36m").at("mpjpe").get<double>();
    CHECK(entry.at("seeds") == 2);
    CHECK(entry.at("mean").get<double>() == doctest::Approx(sum / 2));
    CHECK(entry.at("deviation").get<double>() > 0);

    const Outcome again = table(out, small(data));
    CHECK(again.status == 0);
    CHECK_FALSE(again.says("seed 0"));
    CHECK(again.output == trained.output);
    Words other = small(data);
    other.insert(other.end(), {"--subjects", "S1"});
    CHECK(table(out, other).says("it was started with subjects"));
    Words collect = small(data);
    collect.emplace_back("--collect");
    CHECK(table(out, collect).output == trained.output);
    collect.insert(collect.end(), {"--metric", "pck", "--epoch", "last"});
    const Outcome pck = table(out, collect);
    CHECK(pck.status == 0);
    CHECK(contains(pck.output, "pck in percent"));
    CHECK(contains(pck.output, "after the last epoch"));
}

TEST_CASE("table: a training that fails is named and does not keep the others from running") {
    Samples samples;
    const std::string data = samples.data(), out = samples.path("grid");
    Words words = small(data);
    words.insert(words.end(), {"--keypoints", "nothing,gt"});
    const Outcome outcome = table(out, words);
    CHECK(outcome.status == 1);
    CHECK(outcome.says("2 of 4 trainings failed, the first: mlp, nothing, seed 0"));
    CHECK(contains(outcome.output, "| gt      |"));
}

TEST_CASE("table: refuses what it cannot do") {
    Samples samples;
    const std::string data = samples.data(), out = samples.path("grid");
    const Outcome unknown = table(out, {"--data", data, "--models", "mpl"});
    CHECK(unknown.status == 1);
    CHECK(unknown.says("no estimator is named 'mpl'"));
    const Outcome seed = table(out, {"--data", data, "--seeds", "0,x"});
    CHECK(seed.status == 1);
    CHECK(seed.says("--seeds: 'x' is not a whole number"));
    const Outcome empty = table(out, {"--data", data, "--collect"});
    CHECK(empty.status == 1);
    CHECK(empty.says("holds no finished run of this grid"));
    CHECK(table(out, {"--data", data, "--epoch", "middle"}).status == 2);
}
