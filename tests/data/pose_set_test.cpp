#include "data/pose_set.hpp"

#include "data/fingerprint.hpp"

#include <doctest/doctest.h>

using namespace poseaug;

TEST_CASE("the action of a clip is the first word of its name") {
    CHECK(action_of("Walking") == "Walking");
    CHECK(action_of("Walking 1") == "Walking");
    CHECK(action_of("WalkTogether 2 b") == "WalkTogether");
    CHECK(action_of(" Photo") == "Photo");
    CHECK(action_of("") == "");
    CHECK(action_of("  ") == "");
}

TEST_CASE("the size of a pose set counts poses") {
    PoseSet set;
    CHECK(set.size() == 0);
    set.joints.resize(3 * 16 * 3);
    CHECK(set.size() == 3);
}

namespace {

/// Two clips, of two and of one pose; all numbers differ.
PoseSet two_clips() {
    PoseSet set;
    for (int i = 0; i < 3 * 48; ++i) set.joints.push_back(0.01F * static_cast<float>(i));
    for (int i = 0; i < 3 * 32; ++i) set.image.push_back(0.02F * static_cast<float>(i));
    for (int i = 0; i < 3 * 9; ++i) set.camera.push_back(0.03F * static_cast<float>(i));
    set.clips = {{"S1", "Walking", 0, 0, 2}, {"S5", "Eating", 1, 2, 1}};
    return set;
}

} // namespace

TEST_CASE("clips are selected with their poses") {
    const PoseSet set = two_clips(), last = select_clips(set, {false, true}), all = select_clips(set, {true, true});
    CHECK(last.size() == 1);
    CHECK(last.joints == std::vector<float>(set.joints.begin() + 96, set.joints.end()));
    CHECK(last.image == std::vector<float>(set.image.begin() + 64, set.image.end()));
    CHECK(last.camera == std::vector<float>(set.camera.begin() + 18, set.camera.end()));
    REQUIRE(last.clips.size() == 1);
    CHECK(last.clips[0].subject == "S5");
    CHECK(last.clips[0].first == 0);
    CHECK(all.joints == set.joints);
    CHECK(all.clips[1].first == 2);
}

TEST_CASE("a clip's fingerprint is of its first pose in 3D") {
    PoseSet set = two_clips();
    const auto before = clip_fingerprints(set);
    REQUIRE(before.size() == 2);
    CHECK(before[0] != before[1]);
    set.image[0] += 1;
    set.joints[50] += 1;    // the first clip's second pose
    set.joints[3] += 1e-6F; // less than is told apart
    CHECK(clip_fingerprints(set) == before);
    set.joints[97] += 0.01F;
    CHECK(clip_fingerprints(set)[0] == before[0]);
    CHECK(clip_fingerprints(set)[1] != before[1]);
}
