#include "data/cameras.hpp"
#include "kernels/skeleton.hpp"
#include "tests/app/command_line.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace poseaug;
using namespace poseaug::testing;

namespace {

Outcome augment(const std::string& weights, const std::string& input, const std::string& output,
                const std::string& seed = "0", const std::string& before = "") {
    return run_poseaug(
        {"augment", "--weights", weights, "--input", input, "--output", output, "--seed", seed, "--device", "cpu"},
        before);
}

void fails(const Outcome& outcome, const std::string& message) {
    INFO(outcome.errors);
    CHECK(outcome.status == 1);
    CHECK(outcome.says("poseaug: "));
    CHECK(outcome.says(message));
}

double bone_length(const std::vector<float>& poses, std::size_t pose, int joint) {
    double sum = 0;
    for (int k = 0; k < 3; ++k) {
        const auto child = static_cast<std::size_t>(3 * joint + k),
                   parent = static_cast<std::size_t>(3 * parent_of(joint) + k);
        sum +=
            std::pow(static_cast<double>(poses[48 * pose + child]) - static_cast<double>(poses[48 * pose + parent]), 2);
    }
    return std::sqrt(sum);
}

} // namespace

TEST_CASE("augment: every stage, by its names and as the stages are") {
    Samples samples;
    const std::string input = samples.arrays("in.npz", {{"pose3d", standing_poses(30)}}),
                      output = samples.path("out.npz");
    const Outcome outcome = augment(samples.weights("augmentor"), input, output);
    INFO(outcome.errors);
    REQUIRE(outcome.status == 0);
    CHECK(outcome.says("Human3.6M's first camera"));
    const auto source = values_of(output, "pose_source"), ba = values_of(output, "pose_ba"),
               bl = values_of(output, "pose_bl"), rt = values_of(output, "pose_rt"), ratio = values_of(output, "ratio"),
               image = values_of(output, "image_source"), image_rt = values_of(output, "image_rt"),
               inside = values_of(output, "inside");
    CHECK(source == standing_poses(30).floats());
    REQUIRE(rt.size() == source.size());
    CHECK(values_of(output, "angle_diff").size() == 30 * 15);
    CHECK(values_of(output, "rotation").size() == 30 * 3);
    CHECK(values_of(output, "translation").size() == 30 * 3);
    for (std::size_t pose = 0; pose < 30; ++pose) {
        for (int joint = 1; joint < kJoints;
             ++joint) { // angles keep lengths; lengths change by the ratios; then all is rigid
            const double length = bone_length(source, pose, joint);
            const auto r = static_cast<std::size_t>(ratio_of_bone(joint - 1));
            CHECK(bone_length(ba, pose, joint) == doctest::Approx(length).epsilon(1e-4));
            CHECK(bone_length(bl, pose, joint) ==
                  doctest::Approx(length * (1 + static_cast<double>(ratio[9 * pose + r]))).epsilon(1e-4));
            CHECK(bone_length(rt, pose, joint) == doctest::Approx(bone_length(bl, pose, joint)).epsilon(1e-4));
        }
        bool within = true;
        for (std::size_t i = 0; i < 32; ++i) within = within && std::abs(image_rt[32 * pose + i]) <= 1;
        CHECK((inside[pose] != 0) == within);
        const PixelCamera& camera = h36m_intrinsics()[0];
        const float* hip = &source[48 * pose];
        const auto seen =
            normalise_pixel(project_to_pixel(camera, {hip[0], hip[1], hip[2]}), camera.width, camera.height);
        CHECK(static_cast<double>(image[32 * pose]) == doctest::Approx(seen.x()).epsilon(0.01));
    }
}

TEST_CASE("augment: the seed decides, chunk by chunk, and a camera may be given") {
    Samples samples;
    const std::string weights = samples.weights("augmentor"),
                      input = samples.arrays("in.npz", {{"pose3d", standing_poses(4100)}});
    const auto poses = [&](const std::string& from, const std::string& seed) {
        const std::string output = samples.path("out" + seed + ".npz");
        REQUIRE(augment(weights, from, output, seed).status == 0);
        return values_of(output, "pose_rt");
    };
    const auto first = poses(input, "5");
    CHECK(first.size() == 4100 * 48);
    CHECK(poses(input, "5") == first);
    CHECK(poses(input, "6") != first);

    const std::vector<float> pinhole = {1, 1, 0, 0, 0, 0, 0, 0, 0};
    const std::string seen = samples.arrays("seen.npz",
                                            {{"pose3d", standing_poses(3)}, {"camera", Array::of({9}, pinhole)}}),
                      output = samples.path("seen_out.npz");
    REQUIRE(augment(weights, seen, output).status == 0);
    const auto image = values_of(output, "image_source"), source = values_of(output, "pose_source");
    CHECK(image[2] == doctest::Approx(source[3] / source[5]));
}

TEST_CASE("augment: bad input, one message each and no output") {
    Samples samples;
    const std::string weights = samples.weights("augmentor"), output = samples.path("out.npz");
    const std::string good = samples.arrays("good.npz", {{"pose3d", standing_poses(600)}});
    const auto input = [&](const std::vector<std::pair<std::string, Array>>& members) {
        return samples.arrays("in.npz", members);
    };
    fails(augment(weights, samples.path("none.npz"), output), "there is no such file");
    fails(augment(weights, input({{"poses", standing_poses(2)}}), output), "has no member 'pose3d'; it holds 'poses'");
    fails(augment(weights, input({{"pose3d", image_points(2)}}), output),
          "(2, 16, 2) float32; expected (poses, 16, 3)");
    fails(augment(weights, input({{"pose3d", Array::of({0, 16, 3}, std::vector<float>{})}}), output), "holds no pose");
    fails(augment(weights, input({{"pose3d", Array::of({1, 16, 3}, std::vector<float>(48, 4000))}}), output),
          "millimetres");
    fails(augment(weights, input({{"pose3d", Array::of({1, 16, 3}, std::vector<float>(48, std::nanf("")))}}), output),
          "not finite");
    fails(augment(weights,
                  input({{"pose3d", standing_poses(2)}, {"camera", Array::of({3, 9}, std::vector<float>(27))}}),
                  output),
          "expected (9,) or (2, 9)");
    fails(augment(samples.weights("mlp"), good, output), "holds the estimator 'mlp', not an augmentor");
    fails(augment(weights, good, samples.path("none/out.npz")), "there is no folder");
    const auto before = samples.files();
    fails(augment(weights, good, output, "0", "ulimit -f 16;"), "cannot be written");
    CHECK(samples.files() == before);
    CHECK_FALSE(std::filesystem::exists(output));
}
