#include "data/h36m.hpp"
#include "tests/app/command_line.hpp"
#include "tests/data/import/mocap_samples.hpp"

#include <doctest/doctest.h>

using namespace poseaug;
using namespace poseaug::testing;

namespace {

using Words = std::vector<std::string>;

Outcome import(const std::string& kind, const std::string& source, const std::string& out, const Words& more = {}) {
    Words words = {"import", kind, source, "--out", out};
    words.insert(words.end(), more.begin(), more.end());
    return run_poseaug(words);
}

} // namespace

TEST_CASE("import bvh: seven performers make a folder that pretrain and evaluate take") {
    const Samples samples;
    std::filesystem::create_directory(samples.path("mocap"));
    for (int performer = 1; performer <= 7; ++performer)
        write_file(samples.path("mocap/" + std::to_string(performer) + "_walk.bvh"),
                   person_bvh(40, 100, 2, 0.94 + 0.02 * performer));
    const Outcome outcome = import("bvh", samples.path("mocap"), samples.path("data"));
    INFO(outcome.errors);
    REQUIRE(outcome.status == 0);
    CHECK(contains(outcome.output, "7 clips of 7 performers, filmed by Human3.6M's cameras of S1 for 1, S5 for 2"));
    CHECK(contains(outcome.output, "unit: cm (guessed)"));
    CHECK(contains(outcome.output, "y is up (guessed)"));
    CHECK(contains(outcome.output, "table mixamo"));
    CHECK(contains(outcome.output, "50 a second of the source's 100"));
    CHECK(contains(outcome.output, "140 frames in 7 clips"));
    CHECK(contains(outcome.output, "560 in all; in 0 part"));
    CHECK(!contains(outcome.errors, "no performer is filmed as"));
    const Outcome trained =
        run_poseaug({"pretrain", "--data", samples.path("data"), "--keypoints", "gt", "--model", "mlp", "--width", "8",
                     "--epochs", "1", "--batch", "64", "--out", samples.path("run")});
    INFO(trained.errors);
    CHECK(trained.status == 0);
    const Outcome tested = run_poseaug({"evaluate", "--data", samples.path("data"), "--keypoints", "gt", "--model",
                                        "mlp", "--weights", samples.path("run/best.safetensors")});
    INFO(tested.errors);
    CHECK(tested.status == 0);
    CHECK(tested.says("160 poses"));
}

TEST_CASE("import bvh: the options do what they say") {
    const Samples samples;
    const std::string clip = samples.path("05_walk.bvh");
    write_file(clip, person_bvh(30, 100));
    const auto frames = [&](const Words& more, const std::string& subject) {
        const Outcome outcome = import("bvh", clip, samples.path("out"), more);
        INFO(outcome.errors);
        REQUIRE(outcome.status == 0);
        return load_h36m(samples.path("out"), "gt", {subject}).size() / 4;
    };
    CHECK(frames({}, "S1") == 15);
    CHECK(frames({"--fps", "10"}, "S1") == 3);
    CHECK(frames({"--source-fps", "150"}, "S1") == 10);
    CHECK(frames({"--subjects", "05=S9"}, "S9") == 15);
    const auto bone = [&](const Words& more) {
        frames(more, "S1");
        return bone_length_templates(samples.path("out"), {"S1"})[0][1];
    };
    CHECK(bone({}) == doctest::Approx(0.43).epsilon(1e-4));
    CHECK(bone({"--unit", "0.008"}) == doctest::Approx(0.344).epsilon(1e-4));
    CHECK(bone({"--unit", "cm", "--up", "z"}) == doctest::Approx(0.43).epsilon(1e-4));
    // a table of one's own: from the hip to the ankle
    std::string table = "{";
    for (const char* entry :
         {"'hip': 'Hips'", "'right hip': 'RightUpLeg'", "'right knee': 'RightFoot'", "'right foot': 'RightFoot_end2'",
          "'left hip': 'LeftUpLeg'", "'left knee': 'LeftLeg'", "'left foot': 'LeftFoot'", "'spine': 'Spine1'",
          "'thorax': 'Neck'", "'head': 'HeadTop_End'", "'left shoulder': 'LeftArm'", "'left elbow': 'LeftForeArm'",
          "'left wrist': 'LeftHand'", "'right shoulder': 'RightArm'", "'right elbow': 'RightForeArm'",
          "'right wrist': 'RightHand'"})
        table += (table.size() > 1 ? ", " : "") + std::string(entry);
    for (char& c : table) c = c == '\'' ? '"' : c;
    const std::string own = samples.path("own.json");
    write_file(own, replaced(table + "}", "\"RightFoot_end2\"", R"({"RightLeg": -1, "RightFoot": 2})"));
    CHECK(bone({"--joints", own}) > 0.8);
    CHECK(bone({"--joints", "mixamo"}) == doctest::Approx(0.43).epsilon(1e-4));
}

TEST_CASE("import cmu: a folder of subjects") {
    const Samples samples;
    std::filesystem::create_directories(samples.path("subjects/05"));
    write_file(samples.path("subjects/05/05.asf"), person_asf());
    write_file(samples.path("subjects/05/05_01.amc"), person_amc(24));
    write_file(samples.path("subjects/05/05_02.amc"), person_amc(24));
    const Outcome outcome = import("cmu", samples.path("subjects"), samples.path("data"));
    INFO(outcome.errors);
    REQUIRE(outcome.status == 0);
    CHECK(contains(outcome.output, "2 clips of 1 performer,"));
    CHECK(contains(outcome.output, "unit: cmu (guessed)"));
    CHECK(contains(outcome.output, "60 a second of the source's 120"));
    CHECK(contains(outcome.errors, "--subjects NAME=S9"));
    CHECK(load_h36m(samples.path("data"), "gt", {"S1"}).size() == 4 * 24);
    const Outcome apart = import("cmu", samples.path("subjects"), samples.path("data"), {"--subjects", "05_02=S9"});
    CHECK(apart.status == 0);
    CHECK(contains(apart.output, "2 clips of 1 performer, filmed by Human3.6M's cameras of S1 for 05, S9 for 05_02"));
    CHECK(apart.says("filmed as S11"));
    CHECK(load_h36m(samples.path("data"), "gt", {"S1"}).size() == 4 * 12);
    CHECK(load_h36m(samples.path("data"), "gt", {"S9"}).clips[0].action == "05_02");
}

TEST_CASE("import bvh and cmu: what cannot be done says so and leaves nothing behind") {
    const Samples samples;
    const std::string clip = samples.path("05_walk.bvh"), out = samples.path("out");
    write_file(clip, person_bvh(30));
    const auto complaint = [&](int status, const Outcome& outcome) {
        CHECK(outcome.status == status);
        CHECK(outcome.output.empty());
        CHECK(!std::filesystem::exists(out));
        return outcome.errors;
    };
    CHECK(contains(complaint(1, import("bvh", samples.path("nowhere"), out)), "does not exist"));
    CHECK(contains(complaint(1, import("cmu", clip, out)), "is no .amc file"));
    CHECK(contains(complaint(1, import("bvh", clip, out, {"--joints", "cmu"})), "'cmu' does not fit"));
    CHECK(contains(complaint(1, import("bvh", clip, out, {"--joints", "mine.json"})), "neither a joint table's name"));
    CHECK(contains(complaint(1, import("bvh", clip, out, {"--unit", "ell"})), "--unit ell: give one of m, cm"));
    CHECK(contains(complaint(1, import("bvh", clip, out, {"--unit", "m"})), "m long if the unit is m"));
    CHECK(contains(complaint(1, import("bvh", clip, out, {"--subjects", "05"})), "NAME=SUBJECT"));
    CHECK(contains(complaint(1, import("bvh", clip, out, {"--subjects", "05=S2"})), "calibration"));
    CHECK(contains(complaint(1, import("bvh", clip, out, {"--subjects", "06=S1"})), "no clip by '06'"));
    CHECK(contains(complaint(2, import("bvh", clip, out, {"--up", "x"})), "--up"));
    CHECK(contains(complaint(2, import("bvh", clip, out, {"--fps", "0"})), "--fps"));
    CHECK(contains(complaint(2, run_poseaug({"import", "bvh", clip})), "--out"));
    write_file(clip, person_bvh(30).substr(0, 5000));
    CHECK(contains(complaint(1, import("bvh", clip, out)), "05_walk.bvh, line "));
    CHECK(contains(complaint(1, import("bvh", clip, out, {"--skip-broken"})), "None of the 1 clips"));
    write_file(clip, person_bvh(30));
    write_file(out, "x");
    const Outcome blocked = import("bvh", clip, out);
    CHECK(blocked.status == 1);
    CHECK(read_file(out) == "x");
}
