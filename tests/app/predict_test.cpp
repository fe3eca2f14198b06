#include "tests/app/command_line.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

using namespace poseaug;
using namespace poseaug::testing;

namespace {

using Words = std::vector<std::string>;

Outcome predict(const std::string& weights, const std::string& input, const std::string& output, const Words& more = {},
                const std::string& before = "") {
    Words words = {"predict", "--model",  "mlp",  "--weights", weights, "--input",
                   input,     "--output", output, "--device",  "cpu"};
    words.insert(words.end(), more.begin(), more.end());
    return run_poseaug(words, before);
}

void fails(const Outcome& outcome, const std::string& message) {
    INFO(outcome.errors);
    CHECK(outcome.status == 1);
    CHECK(outcome.says("poseaug: "));
    CHECK(outcome.says(message));
}

/// The same points with a 17th joint, at index 9.
Array with_neck(const Array& points, std::int64_t n) {
    const std::vector<float> from = points.floats();
    std::vector<float> values;
    for (std::int64_t i = 0; i < 16 * n; ++i) {
        if (i % 16 == 9) values.insert(values.end(), {0.7F, 0.9F});
        values.insert(values.end(), {from[static_cast<std::size_t>(2 * i)], from[static_cast<std::size_t>(2 * i + 1)]});
    }
    return Array::of({n, 17, 2}, values);
}

/// Pixels of an image, width by height, that normalise to these points.
Array pixels_of(const Array& points, double width, double height) {
    std::vector<float> values = points.floats();
    for (std::size_t i = 0; i < values.size(); i += 2) {
        values[i] = static_cast<float>((static_cast<double>(values[i]) + 1) * width / 2);
        values[i + 1] = static_cast<float>((static_cast<double>(values[i + 1]) + height / width) * width / 2);
    }
    return Array::of(points.shape, values);
}

double largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
    if (a.size() != b.size()) return 1e9;
    double largest = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        largest = std::max(largest, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
    return largest;
}

} // namespace

TEST_CASE("predict: the same poses from 16 and 17 joints, normalised and in pixels") {
    Samples samples;
    const std::string weights = samples.weights("mlp"), output = samples.path("out.npz");
    const auto poses = [&](const Array& points, const Words& more = {}) {
        const Outcome outcome = predict(weights, samples.arrays("in.npz", {{"pose2d", points}}), output, more);
        INFO(outcome.errors);
        REQUIRE(outcome.status == 0);
        return values_of(output, "pose3d");
    };
    const Array points = image_points(20);
    const auto expected = poses(points);
    REQUIRE(expected.size() == 20 * 48);
    for (std::size_t pose = 0; pose < 20; ++pose)
        for (std::size_t k = 0; k < 3; ++k) CHECK(expected[48 * pose + k] == 0);
    CHECK(std::ranges::any_of(expected, [](float v) { return v != 0; }));
    CHECK(poses(with_neck(points, 20)) == expected);
    CHECK(largest_difference(poses(pixels_of(points, 1000, 1002), {"--width", "1000", "--height", "1002"}), expected) <
          1e-4);
    CHECK(largest_difference(poses(points, {"--flip"}), expected) > 1e-4);
    CHECK(poses(points, {"--no-flip"}) == expected);
}

TEST_CASE("predict: the weights tell the estimator, in any format") {
    Samples samples;
    const std::string weights = samples.weights("videopose"),
                      input = samples.arrays("in.npz", {{"pose2d", image_points(5)}});
    std::vector<std::vector<float>> poses;
    for (const char* name : {"same.safetensors", "w.npz", "w.pt"}) {
        REQUIRE(run_poseaug({"convert", weights, samples.path(name)}).status == 0);
        const Outcome outcome = run_poseaug({"predict", "--weights", samples.path(name), "--input", input, "--output",
                                             samples.path("out.npz"), "--device", "cpu"});
        INFO(outcome.errors);
        REQUIRE(outcome.status == 0);
        poses.push_back(values_of(samples.path("out.npz"), "pose3d"));
    }
    CHECK(poses[0] == poses[1]);
    CHECK(poses[0] == poses[2]);
    fails(predict(weights, input, samples.path("none.npz")),
          "holds the estimator 'videopose', not the estimator 'mlp'");
    CHECK_FALSE(std::filesystem::exists(samples.path("none.npz")));
}

TEST_CASE("predict: more poses than a chunk come out one by one the same") {
    Samples samples;
    const std::string weights = samples.weights("mlp");
    const auto poses = [&](int n) {
        const std::string output = samples.path("out.npz");
        REQUIRE(predict(weights, samples.arrays("in.npz", {{"pose2d", image_points(n)}}), output).status == 0);
        return values_of(output, "pose3d");
    };
    const auto many = poses(4100), few = poses(4096);
    REQUIRE(many.size() == 4100 * 48);
    CHECK(largest_difference({many.begin(), many.begin() + 4096 * 48}, few) < 1e-5);
    CHECK(std::any_of(many.begin() + 4096 * 48, many.end(), [](float v) { return v != 0; }));
}

TEST_CASE("predict: bad input, one message each and no output") {
    Samples samples;
    const std::string weights = samples.weights("mlp"), output = samples.path("out.npz");
    const auto input = [&](const Array& points) { return samples.arrays("in.npz", {{"pose2d", points}}); };
    fails(predict(weights, input(image_points(2, 15)), output), "(2, 15, 2) float32; expected (poses, 16 or 17, 2)");
    fails(predict(weights, input(pixels_of(image_points(2), 1000, 1000)), output), "--width and --height");
    fails(predict(weights, input(Array::of({1, 16, 2}, std::vector<float>(32, std::nanf("")))), output), "not finite");
    fails(predict(weights, input(Array::of({1, 16, 2}, std::vector<std::string>(32, "x"))), output),
          "expected numbers");
    fails(predict(samples.weights("augmentor"), input(image_points(2)), output),
          "holds an augmentor, not the estimator 'mlp'");
    fails(predict(weights, input(image_points(2)), samples.path("none/out.npz")), "there is no folder");
    fails(predict(weights, input(image_points(2)), "/dev/full"), "not a regular file");
    write_member(samples.path("huge.npz"), "pose2d", npy_header("<f4", "(36028797018963968, 16, 2)") + "few bytes");
    fails(predict(weights, samples.path("huge.npz"), output), "huge.npz");
    const std::string good = input(image_points(2000));
    write_file(samples.path("cut.npz"), read_file(good).substr(0, 3000));
    fails(predict(weights, samples.path("cut.npz"), output), "cut.npz");
    const auto before = samples.files();
    fails(predict(weights, good, output, {}, "ulimit -f 16;"), "cannot be written");
    CHECK(samples.files() == before);
    CHECK_FALSE(std::filesystem::exists(output));
}
