#include "data/safetensors.hpp"
#include "tests/app/command_line.hpp"

#include <doctest/doctest.h>

using namespace poseaug;
using namespace poseaug::testing;

TEST_CASE("train: the weights of --init tell the estimator and its width, in any format") {
    Samples samples;
    const std::string data = samples.data(1200), weights = samples.weights("mlp", 16),
                      init = samples.path("init.pth.tar");
    REQUIRE(run_poseaug({"convert", weights, init}).status == 0);
    const auto train = [&](const std::string& out, const std::vector<std::string>& more) {
        std::vector<std::string> words = {"train", "--data",          data,       "--init", init,
                                          "--out", samples.path(out), "--epochs", "1",      "--batch",
                                          "64",    "--device",        "cpu",      "--quiet"};
        words.insert(words.end(), more.begin(), more.end());
        return run_poseaug(words);
    };
    const Outcome outcome = train("run", {});
    INFO(outcome.errors);
    REQUIRE(outcome.status == 0);
    const auto settings = read_json(samples.path("run/settings.json"));
    CHECK(settings.at("model") == "mlp");
    CHECK(settings.at("width") == 16);
    CHECK(read_safetensors(samples.path("run/last.safetensors")).metadata.at("network") == "mlp");

    const Outcome other = train("other", {"--model", "videopose"});
    CHECK(other.status == 1);
    CHECK(other.says("init.pth.tar holds the estimator 'mlp', not the estimator 'videopose'"));
    CHECK_FALSE(std::filesystem::exists(samples.path("other/settings.json")));
}
