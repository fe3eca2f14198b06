#include "training/selection.hpp"

#include "tests/data/files.hpp"
#include "training/checkpoints.hpp"
#include "training/run_parts.hpp"

#include "data/fingerprint.hpp"
#include "data/synth.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace poseaug;
using testing::contains;
using testing::error_of;
using testing::TemporaryFolder;

namespace {

/// Clips of `motions` motions of each subject, seen by two cameras.
PoseSet clips_of(const std::vector<std::string>& subjects, int motions) {
    PoseSet set;
    for (const std::string& subject : subjects)
        for (int m = 0; m < motions; ++m)
            for (int camera = 0; camera < 2; ++camera)
                set.clips.push_back({subject, "Action " + std::to_string(m), camera, 0, 1});
    return set;
}

std::ptrdiff_t count(const std::vector<bool>& out) { return std::count(out.begin(), out.end(), true); }

/// The poses themselves, to be compared.
std::set<std::vector<float>> rows(const PoseSet& set) {
    std::set<std::vector<float>> all;
    for (std::size_t i = 0; i < set.joints.size(); i += 48)
        all.insert({set.joints.begin() + static_cast<std::ptrdiff_t>(i),
                    set.joints.begin() + static_cast<std::ptrdiff_t>(i + 48)});
    return all;
}

} // namespace

TEST_CASE("a selection is the test sets, subjects, or a share") {
    CHECK(Selection::of("test").on_test());
    CHECK(Selection::of("S8").subjects == std::vector<std::string>{"S8"});
    CHECK(Selection::of("S7,S8").subjects == std::vector<std::string>{"S7", "S8"});
    CHECK(Selection::of("0.25").share == 0.25);
    CHECK_FALSE(Selection::of("0.25").on_test());
    for (const char* bad : {"0", "1", "-0.1", "1.5", "nan"})
        CHECK(contains(error_of([&] { Selection::of(bad); }), "must be between 0 and 1"));
    CHECK(contains(error_of([] { Selection::of(""); }), "empty name"));
    CHECK(contains(error_of([] { Selection::of("S8,,S7"); }), "empty name"));
    CHECK(contains(error_of([] { Selection::of("S8,S9"); }), "S9 is a test subject"));
}

TEST_CASE("subjects are held out whole, shares by motion") {
    const PoseSet set = clips_of({"S1", "S8"}, 10);
    const auto subject = held_out_clips(set, Selection::of("S8"));
    for (std::size_t i = 0; i < set.clips.size(); ++i) CHECK(subject[i] == (set.clips[i].subject == "S8"));
    const auto share = held_out_clips(set, Selection::of("0.2"));
    CHECK(count(share) == 8); // 4 of 20 motions, each seen by both cameras
    for (std::size_t i = 0; i < share.size(); i += 2) CHECK(share[i] == share[i + 1]);
    CHECK(held_out_clips(set, Selection::of("0.2")) == share);
    CHECK(count(held_out_clips(set, Selection::of("0.001"))) == 2);
    CHECK(count(held_out_clips(set, Selection::of("0.999"))) == 38);
    CHECK(contains(error_of([&] { held_out_clips(set, Selection::of("S1,S8")); }), "every training subject"));
    CHECK(contains(error_of([&] { held_out_clips(clips_of({"S1"}, 1), Selection::of("0.5")); }), "one motion"));
}

TEST_CASE("held-out poses are not among those trained on, and together they are all") {
    const TemporaryFolder folder;
    write_synthetic(folder / "data", {.poses = 2800, .seed = 1});
    RunOptions options;
    options.data = folder / "data";
    const H36mFiles files(options.data, options.keypoints);
    const RunPoses all(options, files, {});
    CHECK(all.held_out.size() == 0);
    const auto everything = rows(all.training);
    for (const char* what : {"S8", "0.1", "0.5"}) {
        options.select_on = what;
        std::string said;
        const RunPoses split(options, files,
                             {.progress = {}, .epoch = {}, .note = [&](const std::string& text) { said = text; }});
        const auto training = rows(split.training), held_out = rows(split.held_out);
        CHECK(!held_out.empty());
        CHECK(!training.empty());
        CHECK(split.training.size() + split.held_out.size() == all.training.size());
        for (const auto& pose : held_out) REQUIRE((!training.contains(pose) && everything.contains(pose)));
        CHECK(split.fingerprints == clip_fingerprints(split.held_out));
        CHECK(contains(said, "held out: " + std::to_string(split.held_out.size())));
    }
    options.select_on = "S8";
    options.subjects = {"S1"};
    const RunPoses one(options, files, {});
    for (const Clip& clip : one.training.clips) CHECK(clip.subject == "S1");
    for (const Clip& clip : one.held_out.clips) CHECK(clip.subject == "S8");
}

TEST_CASE("a checkpoint tells which clips of a set chose it") {
    const TemporaryFolder folder;
    write_synthetic(folder / "data", {.poses = 2800, .seed = 1});
    const auto load = [&](const std::vector<std::string>& subjects, int stride) {
        return load_h36m(folder / "data", "noisy", subjects, stride);
    };
    std::string clips;
    for (const std::string& clip : clip_fingerprints(load({"S9"}, 1))) clips += clip + " ";
    const Metadata metadata = {{"chosen_clips", clips}};
    const PoseSet nine = load({"S9"}, 5), both = load({"S9", "S11"}, 1);
    CHECK(clips_that_chose(metadata, clip_fingerprints(nine)) == static_cast<std::int64_t>(nine.clips.size()));
    CHECK(clips_that_chose(metadata, clip_fingerprints(both)) == static_cast<std::int64_t>(nine.clips.size()));
    CHECK(clips_that_chose(metadata, clip_fingerprints(load({"S8"}, 1))) == 0);
    CHECK(clips_that_chose({}, clip_fingerprints(both)) == 0);
}
