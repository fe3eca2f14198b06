#include "data/import/joint_table.hpp"

#include "data/pose_set.hpp"
#include "tests/data/files.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <algorithm>

using namespace poseaug;
using namespace poseaug::testing;

namespace {

/// A table that makes each joint of "a0" to "a15".
nlohmann::json plain_table() {
    nlohmann::json table;
    for (std::size_t j = 0; j < kJoints; ++j) table[joint_names()[j]] = "a" + std::to_string(j);
    return table;
}

/// One frame; joint a<j> is at (j, j squared, 1).
MotionClip plain_clip() {
    MotionClip clip;
    clip.source = "walk.bvh";
    clip.frames = 1;
    for (int j = 0; j < kJoints; ++j) {
        clip.joints.push_back("a" + std::to_string(j));
        clip.positions.insert(clip.positions.end(), {1.0 * j, 1.0 * j * j, 1});
    }
    return clip;
}

JointTable parse(const nlohmann::json& table) { return parse_joint_table(table.dump(), "t", "t.json"); }

MotionClip clip_of(const JointTable& table, const std::string& prefix = "") {
    MotionClip clip;
    clip.source = "walk.bvh";
    for (const auto& mixture : table.joints)
        for (const auto& [name, weight] : mixture)
            if (std::ranges::find(clip.joints, prefix + name) == clip.joints.end())
                clip.joints.push_back(prefix + name);
    return clip;
}

} // namespace

TEST_CASE("joint tables: a joint, the mean of some, and weights") {
    nlohmann::json table = plain_table();
    table["about"] = "of a test";
    table["spine"] = {"a0", "a8"};
    table["head"] = {{"a8", -1}, {"a9", 2}};
    const MotionClip clip = plain_clip();
    const BodyPose pose = JointMap(parse(table), clip).pose(clip, 0);
    CHECK(pose.col(0) == Eigen::Vector3d(0, 0, 1));
    CHECK(pose.col(6) == Eigen::Vector3d(6, 36, 1));
    CHECK((pose.col(7) - Eigen::Vector3d(4, 32, 1)).norm() < 1e-12);
    CHECK((pose.col(9) - Eigen::Vector3d(10, 98, 1)).norm() < 1e-12);
    CHECK(pose.col(15) == Eigen::Vector3d(15, 225, 1));
}

TEST_CASE("joint tables: a prefix before a colon needs no mention, a full name comes first") {
    MotionClip clip = plain_clip();
    for (std::string& name : clip.joints) name = "rig:" + name;
    CHECK(JointMap(parse(plain_table()), clip).pose(clip, 0).col(3) == Eigen::Vector3d(3, 9, 1));
    clip.joints.emplace_back("a3");
    clip.positions.insert(clip.positions.end(), {7, 7, 7});
    CHECK(JointMap(parse(plain_table()), clip).pose(clip, 0).col(3) == Eigen::Vector3d(7, 7, 7));
    clip.joints.emplace_back("a3");
    clip.positions.insert(clip.positions.end(), {8, 8, 8});
    CHECK(contains(error_of([&] { JointMap(parse(plain_table()), clip); }), "walk.bvh has several joints named 'a3'"));
}

TEST_CASE("joint tables: what is wrong is said") {
    const auto with = [](const std::string& key, const nlohmann::json& value) {
        nlohmann::json table = plain_table();
        table[key] = value;
        return error_of([&] { parse(table); });
    };
    CHECK(contains(with("hips", "a0"), "t.json has a key 'hips'; the 16 joints are: hip, right hip"));
    CHECK(contains(with("hip", 3), "t.json: 'hip' has to be a joint's name"));
    CHECK(contains(with("hip", nlohmann::json::array()), "has to be a joint's name"));
    CHECK(contains(with("hip", {"a0", 1}), "something else in it"));
    CHECK(contains(with("hip", {{"a0", "1"}, {"a1", 1}}), "the weight of 'a0' is no number"));
    CHECK(contains(with("hip", {{"a0", 0.5}, {"a1", 0.4}}), "the weights sum to 0.9"));
    nlohmann::json lacking = plain_table();
    lacking.erase("left wrist");
    CHECK(contains(error_of([&] { parse(lacking); }), "lacks the key 'left wrist'"));
    CHECK(contains(error_of([&] { parse_joint_table("{\n\"hip\" 3", "t", "t.json"); }), "t.json is not JSON"));
    CHECK(contains(error_of([&] { parse_joint_table("[]", "t", "t.json"); }), "no JSON object"));

    const MotionClip clip = plain_clip();
    nlohmann::json other = plain_table();
    other["head"] = "skull";
    const std::string missing = error_of([&] { JointMap(parse(other), clip); });
    CHECK(contains(missing, "'t' does not fit walk.bvh: it asks for skull."));
    CHECK(contains(missing, "a0, a1, a2"));
    other["head"] = "a8";
    const std::string flat = error_of([&] { JointMap(parse(other), clip).pose(clip, 0); });
    CHECK(contains(flat, "walk.bvh, frame 1: 'thorax' and 'head' of the joint table 't' are at the same place"));
}

TEST_CASE("joint tables: the built-in ones are found by name and by the skeleton they fit") {
    std::vector<std::string> names;
    for (const JointTable& table : built_in_joint_tables()) {
        names.push_back(table.name);
        CHECK(find_joint_table(table.name).joints == table.joints);
        CHECK(fitting_joint_table(clip_of(table)).name == table.name);
        CHECK(fitting_joint_table(clip_of(table, "mixamorig:")).name == table.name);
        for (int j = 1; j < kJoints; ++j) { // what is left stays left
            auto mirrored = table.joints[static_cast<std::size_t>(mirror_of(j))];
            CHECK((j == mirror_of(j)) == (mirrored == table.joints[static_cast<std::size_t>(j)]));
        }
    }
    CHECK(names == std::vector<std::string>{"bandai", "cmu", "cmu_bvh", "mixamo", "motionbuilder", "reallusion"});

    MotionClip strange = clip_of(find_joint_table("cmu"));
    strange.joints[0] = "pelvis";
    const std::string message = error_of([&] { fitting_joint_table(strange); });
    CHECK(contains(message, "No joint table fits the skeleton of walk.bvh."));
    CHECK(contains(message, "The nearest, 'cmu', lacks root."));
    CHECK(contains(message, "pelvis, rhipjoint"));
    CHECK(contains(message, "--joints FILE"));
}

TEST_CASE("joint tables: files") {
    const TemporaryFolder folder;
    write_file(folder / "mine.json", plain_table().dump());
    CHECK(find_joint_table((folder / "mine.json").string()).name == "mine");
    CHECK(contains(error_of([&] { find_joint_table("mine"); }), "'mine' is neither a joint table's name (bandai, cmu"));
    write_file(folder / "mine.json", "{}");
    CHECK(contains(error_of([&] { find_joint_table((folder / "mine.json").string()); }), "lacks the key 'hip'"));
}
