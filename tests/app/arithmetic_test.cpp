#include "tests/app/command_line.hpp"

#include <doctest/doctest.h>

using namespace poseaug;
using namespace poseaug::testing;

TEST_CASE("--conv cudnn is refused where there is no GPU, and leaves nothing behind") {
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
        words.end()[-2] = "--precision";
        CHECK(run_poseaug(words).says("--precision"));
    }
    CHECK(samples.files() == before);
    CHECK(run_poseaug({"predict", "--weights", weights, "--input", images, "--output", samples.path("poses.npz"),
                       "--device", "cpu", "--conv", "own"})
              .status == 0);
}

TEST_CASE("--precision rounds what a network multiplies: the more, the further its predictions move") {
    Samples samples;
    const std::string weights = samples.weights("mlp", 64);
    const std::string images = samples.arrays("in.npz", {{"pose2d", image_points(3)}});
    std::vector<std::vector<float>> poses;
    for (const char* precision : {"float32", "tf32", "bf16"}) {
        const std::string out = samples.path(std::string(precision) + ".npz");
        const Outcome outcome = run_poseaug({"predict", "--weights", weights, "--input", images, "--output", out,
                                             "--device", "cpu", "--precision", precision});
        INFO(outcome.errors);
        CHECK(outcome.status == 0);
        poses.push_back(values_of(out, "pose3d"));
    }
    const auto farthest = [&](std::size_t i) {
        float most = 0;
        for (std::size_t k = 0; k < poses[0].size(); ++k) most = std::max(most, std::abs(poses[i][k] - poses[0][k]));
        return most;
    };
    CHECK(farthest(1) > 0);
    CHECK(farthest(2) > 2 * farthest(1));
    CHECK(farthest(2) < 0.05F);
}
