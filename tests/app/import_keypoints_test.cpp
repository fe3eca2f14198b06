#include "data/keypoints.hpp"
#include "tests/app/command_line.hpp"
#include "tests/data/keypoint_samples.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

using namespace poseaug;
using namespace poseaug::testing;

namespace {

using Words = std::vector<std::string>;

Outcome import_keypoints(const std::string& source, const std::string& out, const Words& more = {}) {
    Words words = {"import", "keypoints", source, "--out", out};
    words.insert(words.end(), more.begin(), more.end());
    return run_poseaug(words);
}

/// Equal, NaN being NaN.
bool same(const std::vector<float>& a, const std::vector<float>& b) {
    return std::ranges::equal(a, b, [](float x, float y) { return x == y || (std::isnan(x) && std::isnan(y)); });
}

/// Four frames of OpenPose, the third without anybody.
std::string openpose_folder(const Samples& samples) {
    const std::string folder = samples.path("frames");
    std::filesystem::create_directory(folder);
    for (int i = 0; i < 4; ++i) {
        std::vector<SamplePerson> people;
        if (i != 2) people.push_back(sample_person(25, 10.0 * i));
        write_file(folder + "/walk_" + std::to_string(i) + "_keypoints.json", openpose_frame(people).dump());
    }
    return folder;
}

} // namespace

TEST_CASE("import keypoints: poses that predict and --extra-2d take") {
    Samples samples;
    const std::string folder = openpose_folder(samples), file = samples.path("made/deep/keypoints_2d.npz");
    const Words size = {"--width", "1000", "--height", "1000"};
    Words drop = size;
    drop.insert(drop.end(), {"--missing", "drop"});
    const Outcome outcome = import_keypoints(folder, samples.path("made/deep"), drop);
    INFO(outcome.errors);
    REQUIRE(outcome.status == 0);
    CHECK(contains(outcome.output, "folder of OpenPose JSON, body25; 4 poses in 1 sequence; 1 frames without"));
    CHECK(contains(outcome.output, "keypoints_2d.npz: 3 poses"));
    const auto image = values_of(file, "pose2d");
    REQUIRE(image.size() == 4 * 32);
    CHECK(image[2 * 15] == doctest::Approx(180.0 / 500 - 1)); // the right wrist, keypoint 4
    CHECK(image[2 * 15 + 1] == doctest::Approx(420.0 / 500 - 1));
    CHECK(image[32 + 2 * 12] == doctest::Approx(250.0 / 500 - 1)); // the left one, keypoint 7, of the second frame
    CHECK(std::isnan(image[2 * 32]));
    CHECK(values_of(file, "valid") == std::vector<float>{1, 1, 0, 1});
    CHECK(values_of(file, "frame") == std::vector<float>{0, 1, 2, 3});

    const auto extra = load_extra_2d(file);
    REQUIRE(extra.size() == 3 * 32);
    CHECK(std::equal(extra.begin(), extra.begin() + 64, image.begin()));

    const std::string weights = samples.weights("mlp"), output = samples.path("out.npz");
    const auto predict = [&](const std::string& source, const Words& more) {
        Words words = {"predict",  "--model", "mlp",      "--weights", weights,     "--input", source,
                       "--output", output,    "--device", "cpu",       "--missing", "drop"};
        words.insert(words.end(), more.begin(), more.end());
        const Outcome run = run_poseaug(words);
        INFO(run.errors);
        REQUIRE(run.status == 0);
        return values_of(output, "pose3d");
    };
    const auto direct = predict(folder, size), by_import = predict(file, {});
    CHECK(direct.size() == 4 * 48);
    CHECK(same(direct, by_import));
}

TEST_CASE("import keypoints: bad input, one message and nothing left") {
    Samples samples;
    const std::string folder = openpose_folder(samples), out = samples.path("made");
    const auto fails = [&](const Outcome& outcome, const std::string& message) {
        INFO(outcome.errors);
        CHECK(outcome.status == 1);
        CHECK(outcome.says("poseaug: "));
        CHECK(outcome.says(message));
        CHECK(std::ranges::count(outcome.errors, '\n') == 1);
        CHECK_FALSE(std::filesystem::exists(out));
    };
    const Words size = {"--width", "1000", "--height", "1000"};
    fails(import_keypoints(folder, out), "give its --width and --height");
    fails(import_keypoints(samples.path("none"), out, size), "no such file or folder");
    Words run = size;
    run.insert(run.end(), {"--sequence", "run"});
    fails(import_keypoints(folder, out, run), "there is no sequence 'run'; there are walk");
    write_file(folder + "/walk_9_keypoints.json", "{\"people\": [");
    fails(import_keypoints(folder, out, size), "walk_9_keypoints.json: is not valid JSON");
    CHECK(import_keypoints(folder, out, {"--width", "1000"}).status == 2);
    write_file(samples.path("file"), "");
    std::filesystem::remove(folder + "/walk_9_keypoints.json");
    const Outcome onto_file = import_keypoints(folder, samples.path("file"), size);
    CHECK(onto_file.status == 1);
    CHECK(onto_file.says(samples.path("file")));
}
