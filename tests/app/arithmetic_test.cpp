#include "tests/app/command_line.hpp"

#include <doctest/doctest.h>

using namespace poseaug;
using namespace poseaug::testing;

namespace {

/// A way of computing that only a GPU has.
struct GpuOnly {
    const char *option, *value, *default_value, *message;
};

} // namespace

TEST_CASE("--conv cudnn and --precision tf32 are refused where there is no GPU, and leave nothing behind") {
    const GpuOnly ways[] = {{"--conv", "cudnn", "own", "cuDNN"},
                            {"--precision", "tf32", "float32", "products in tf32 are for a GPU"},
                            {"--precision", "bf16", "float32", "products in bf16 are for a GPU"}};
    Samples samples;
    const std::string weights = samples.weights("videopose"), data = samples.data(), out = samples.path("out");
    const std::string images = samples.arrays("in.npz", {{"pose2d", image_points(3)}});
    const auto before = samples.files();
    const std::vector<std::vector<std::string>> verbs = {
        {"predict", "--weights", weights, "--input", images, "--output", out},
        {"evaluate", "--weights", weights, "--data", data},
        {"pretrain", "--model", "videopose", "--data", data, "--out", out, "--width", "8", "--epochs", "1"},
        {"train", "--init", weights, "--data", data, "--out", out, "--epochs", "1"}};
    for (const GpuOnly& way : ways)
        for (std::vector<std::string> words : verbs) {
            for (const char* word : {"--device", "cpu", way.option, way.value}) words.emplace_back(word);
            const Outcome outcome = run_poseaug(words);
            INFO(words[0], ": ", outcome.errors);
            CHECK(outcome.status == 1);
            CHECK(outcome.says(way.message));
            CHECK(outcome.says(std::string(way.option) + " " + way.default_value));
            words.back() = "other";
            CHECK(run_poseaug(words).says(way.option));
        }
    CHECK(samples.files() == before);
    CHECK(run_poseaug({"predict", "--weights", weights, "--input", images, "--output", samples.path("poses.npz"),
                       "--device", "cpu", "--conv", "own", "--precision", "float32"})
              .status == 0);
}
