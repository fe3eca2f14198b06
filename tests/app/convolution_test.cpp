#include "tests/app/command_line.hpp"

#include <doctest/doctest.h>

using namespace poseaug;
using namespace poseaug::testing;

TEST_CASE("--conv cudnn is refused where there is no GPU to run it, and leaves nothing behind") {
    Samples samples;
    const std::string weights = samples.weights("videopose"), data = samples.data(), out = samples.path("out");
    const std::string images = samples.arrays("in.npz", {{"pose2d", image_points(3)}});
    const auto before = samples.files();
    const std::vector<std::vector<std::string>> verbs = {
        {"predict", "--weights", weights, "--input", images, "--output", out},
        {"evaluate", "--weights", weights, "--data", data},
        {"pretrain", "--model", "videopose", "--data", data, "--out", out, "--width", "8", "--epochs", "1"},
        {"train", "--init", weights, "--data", data, "--out", out, "--epochs", "1"}};
    for (std::vector<std::string> words : verbs) {
        for (const char* word : {"--device", "cpu", "--conv", "cudnn"}) words.emplace_back(word);
        const Outcome outcome = run_poseaug(words);
        INFO(words[0], ": ", outcome.errors);
        CHECK(outcome.status == 1);
        CHECK(outcome.says("cuDNN"));
        CHECK(outcome.says("--conv own"));
        words.back() = "other";
        CHECK(run_poseaug(words).says("--conv"));
    }
    CHECK(samples.files() == before);
    CHECK(run_poseaug({"predict", "--weights", weights, "--input", images, "--output", samples.path("poses.npz"),
                       "--device", "cpu", "--conv", "own"})
              .status == 0);
}
