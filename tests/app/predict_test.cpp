#include "tests/app/command_line.hpp"
#include "tests/data/keypoint_samples.hpp"

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

TEST_CASE("predict: a row for every frame of a video, in its order") {
    Samples samples;
    const std::string weights = samples.weights("mlp"), output = samples.path("out.npz"),
                      file = samples.path("video.json");
    nlohmann::json frames = nlohmann::json::array();
    for (int i = 0; i < 6; ++i) {
        auto person = sample_person(17, 5.0 * i);
        if (i == 2) person[9] = {0, 0, 0}; // a wrist
        nlohmann::json people = nlohmann::json::array();
        if (i != 4) people.push_back(mmpose_instance(person));
        frames.push_back({{"frame_id", 10 + i}, {"instances", people}});
    }
    write_file(file, frames.dump());
    const Words size = {"--width", "1000", "--height", "1000"};
    const auto run = [&](const Words& more) {
        Words words = size;
        words.insert(words.end(), more.begin(), more.end());
        Outcome outcome = predict(weights, file, output, words);
        INFO(outcome.errors);
        REQUIRE(outcome.status == 0);
        return outcome;
    };
    CHECK(contains(run({}).output, "keypoints: MMPose JSON, coco; 6 poses in 1 sequence; 1 frames without the person\n"
                                   "missing joints: 17 interpolated, 0 filled; 0 frames left without a pose\n"));
    const auto smooth = values_of(output, "pose3d");
    REQUIRE(smooth.size() == 6 * 48);
    CHECK(std::ranges::none_of(smooth, [](float v) { return std::isnan(v); }));
    CHECK(values_of(output, "frame") == std::vector<float>{10, 11, 12, 13, 14, 15});

    CHECK(contains(run({"--missing", "drop"}).output, "2 frames left without a pose"));
    const auto dropped = values_of(output, "pose3d");
    CHECK(values_of(output, "valid") == std::vector<float>{1, 1, 0, 1, 0, 1});
    for (std::size_t i = 0; i < dropped.size(); ++i) {
        const std::size_t row = i / 48;
        if (row == 2 || row == 4) CHECK(std::isnan(dropped[i]));
        else CHECK(dropped[i] == smooth[i]);
    }
    run({"--missing", "fill"});
    const auto filled = values_of(output, "pose3d");
    CHECK(std::isnan(filled[4 * 48]));
    CHECK_FALSE(std::isnan(filled[2 * 48]));
    CHECK(filled[2 * 48 + 3] != smooth[2 * 48 + 3]);

    Words refuse = size;
    refuse.insert(refuse.end(), {"--missing", "refuse"});
    std::filesystem::remove(output);
    fails(predict(weights, file, output, refuse), "frame 12: the left wrist is missing");
    fails(predict(weights, file, output), "give its --width and --height");
    CHECK_FALSE(std::filesystem::exists(output));
    CHECK(predict(weights, file, output, {"--person", "tall"}).status == 2);
    CHECK(predict(weights, file, output, {"--missing", "guess"}).status == 2);
}

TEST_CASE("predict: the same person by every detector's file") {
    Samples samples;
    const std::string weights = samples.weights("mlp"), output = samples.path("out.npz");
    const Words size = {"--width", "1000", "--height", "1000"};
    const auto poses = [&](const std::string& source) {
        const Outcome outcome = predict(weights, source, output, size);
        INFO(outcome.errors);
        REQUIRE(outcome.status == 0);
        return values_of(output, "pose3d");
    };
    const SamplePerson coco = sample_person(17), body25 = [&] {
        SamplePerson person(25, {500, 500, 0.9});
        const int from[] = {0, -1, 6, 8, 10, 5, 7, 9, -1, 12, 14, 16, 11, 13, 15, 2, 1, 4, 3};
        for (std::size_t k = 0; k < std::size(from); ++k)
            if (from[k] >= 0) person[k] = coco[static_cast<std::size_t>(from[k])];
        for (std::size_t k = 0; k < 2; ++k) {
            person[1][k] = (coco[5][k] + coco[6][k]) / 2;
            person[8][k] = (coco[11][k] + coco[12][k]) / 2;
        }
        return person;
    }();
    const auto file = [&](const std::string& name, const nlohmann::json& content) {
        write_file(samples.path(name), content.dump());
        return samples.path(name);
    };
    const auto expected = poses(file("mmpose.json", nlohmann::json::array({mmpose_instance(coco)})));
    CHECK(std::ranges::any_of(expected, [](float v) { return v != 0; }));
    CHECK(largest_difference(poses(file("openpose.json", openpose_frame({body25}))), expected) < 1e-5);
    std::filesystem::create_directory(samples.path("frames"));
    for (const std::string name : {"frames/img_10_keypoints.json", "frames/img_2_keypoints.json"})
        file(name, openpose_frame({body25}));
    const auto twice = poses(samples.path("frames"));
    CHECK(largest_difference({twice.begin() + 48, twice.end()}, expected) < 1e-5);
    CHECK(values_of(output, "frame") == std::vector<float>{2, 10});
    const nlohmann::json annotation = {{"image_id", 1}, {"keypoints", triples(coco, 2)}};
    CHECK(largest_difference(poses(file("coco.json", {{"images", nlohmann::json::array()},
                                                      {"annotations", nlohmann::json::array({annotation})}})),
                             expected) < 1e-5);
}

TEST_CASE("predict: bad input, one message each and no output") {
    Samples samples;
    const std::string weights = samples.weights("mlp"), output = samples.path("out.npz");
    const auto input = [&](const Array& points) { return samples.arrays("in.npz", {{"pose2d", points}}); };
    fails(predict(weights, input(image_points(2, 15)), output), "15 keypoints a person do not tell their layout");
    fails(predict(weights, input(pixels_of(image_points(2), 1000, 1000)), output), "--width and --height");
    fails(predict(weights, input(Array::of({1, 16, 2}, std::vector<float>(32, std::nanf("")))), output),
          "is in none of its 1 frames");
    fails(predict(weights, input(Array::of({1, 16, 2}, std::vector<float>(32, HUGE_VALF))), output),
          "lies in no image");
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
