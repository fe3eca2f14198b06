#include "data/import/mocap.hpp"

#include "data/cameras.hpp"
#include "data/h36m.hpp"
#include "data/import/bvh.hpp"
#include "tests/data/files.hpp"
#include "tests/data/import/mocap_samples.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

using namespace poseaug;
using namespace poseaug::testing;

namespace {

/// Bones between joints of one skeleton that follow each other, so that their length never changes: legs and arms.
constexpr int kRigidBones[] = {1, 2, 4, 5, 10, 11, 13, 14};

Eigen::Vector3d joint_of(const PoseSet& set, std::int64_t row, int joint) {
    const float* p = &set.joints[static_cast<std::size_t>(row * kJoints + joint) * 3];
    return {p[0], p[1], p[2]};
}

double bone_of(const PoseSet& set, std::int64_t row, int bone) {
    return (joint_of(set, row, bone + 1) - joint_of(set, row, parent_of(bone + 1))).norm();
}

/// What holds of any motion that was filmed: image and pose agree, and people are upright most of the time.
void check_film(const PoseSet& set) {
    double worst = 0, longest = 0, shortest = 1;
    std::int64_t upright = 0;
    for (const Clip& clip : set.clips) {
        const PixelCamera& lens = h36m_intrinsics()[static_cast<std::size_t>(clip.camera)];
        for (std::int64_t row = clip.first; row < clip.first + clip.count; ++row) {
            for (int j = 0; j < kJoints; ++j) {
                const float* seen = &set.image[static_cast<std::size_t>(row * kJoints + j) * 2];
                const auto pixel =
                    normalise_pixel(project_to_pixel(lens, joint_of(set, row, j)), lens.width, lens.height);
                worst = std::max({worst, std::abs(pixel.x() - seen[0]), std::abs(pixel.y() - seen[1])});
            }
            for (int bone = 0; bone < kBones; ++bone) {
                longest = std::max(longest, bone_of(set, row, bone));
                shortest = std::min(shortest, bone_of(set, row, bone));
            }
            const double head = joint_of(set, row, 9).y(), hip = joint_of(set, row, 0).y();
            const double foot = std::max(joint_of(set, row, 3).y(), joint_of(set, row, 6).y());
            upright += head < hip && hip < foot ? 1 : 0;
        }
    }
    CHECK(worst < 1e-5);
    CHECK(shortest > 0.08);
    CHECK(longest < 0.6);
    CHECK(upright == set.size());
}

} // namespace

TEST_CASE("import_mocap: a person walks through the cameras' sight, piece by piece") {
    const TemporaryFolder folder;
    std::filesystem::create_directory(folder / "in");
    write_file(folder / "in/01_walk.bvh", person_bvh(120, 100, 10)); // 12 m
    write_file(folder / "in/01_stand.bvh", person_bvh(7, 60, 0));
    MocapOptions options;
    options.source = folder / "in";
    const MocapPlan plan = plan_mocap(MocapKind::bvh, options);
    CHECK(plan.space.unit.name == std::string("cm"));
    CHECK(plan.space.up == 'y');
    CHECK(plan.body_metres == doctest::Approx(0.84 + 0.73));
    const MocapReport report = import_mocap(plan, options, folder / "out");
    CHECK(report.tables == std::set<std::string>{"mixamo"});
    CHECK(report.rates == std::map<double, double>{{60, 60}, {100, 50}});
    CHECK(report.frames == std::map<std::string, std::int64_t>{{"S1", 67}});
    CHECK(report.pieces == 6);
    CHECK(report.outside == 0);
    CHECK(report.near == 0);
    CHECK(report.unseen == 0);

    const PoseSet set = load_h36m(folder / "out", "gt", {"S1"});
    REQUIRE(set.size() == 4 * 67);
    CHECK(set.clips[0].action == "stand");
    CHECK(set.clips[4].action == "walk 1");
    CHECK(set.clips[4].count == 13); // 2.4 m at 0.2 m a frame
    CHECK(set.clips.back().action == "walk 5");
    check_film(set);
    CHECK(bone_of(set, 0, 1) == doctest::Approx(0.43).epsilon(1e-5));
    // the left hip is to the left of the person, who looks along the source's z
    for (const Clip& clip : set.clips) {
        const Eigen::Vector3d hip = joint_of(set, clip.first, 0), left = joint_of(set, clip.first, 4) - hip;
        const Eigen::Vector3d up = joint_of(set, clip.first, 9) - hip;
        const Eigen::Vector3d along = joint_of(set, clip.first + clip.count - 1, 0) - hip; // the source's x
        if (clip.action != "stand") CHECK(left.dot(along) > 0);
        CHECK(std::abs(left.dot(up)) < 0.1);
    }
}

TEST_CASE("import_mocap: CMU's files") {
    const TemporaryFolder folder;
    for (const char* performer : {"05", "12"}) {
        std::filesystem::create_directories(folder / performer);
        write_file(folder / performer / (std::string(performer) + ".asf"), person_asf());
        write_file(folder / performer / (std::string(performer) + "_01.amc"), person_amc(24));
    }
    MocapOptions options;
    options.source = folder / "";
    options.subjects = {{"12", "S11"}};
    const MocapPlan plan = plan_mocap(MocapKind::acclaim, options);
    CHECK(plan.space.unit.name == std::string("cmu"));
    const MocapReport report = import_mocap(plan, options, folder / "out");
    CHECK(report.frames == std::map<std::string, std::int64_t>{{"S1", 12}, {"S11", 12}});
    CHECK(report.rates == std::map<double, double>{{120, 60}});
    const PoseSet set = load_h36m(folder / "out", "gt", {"S1", "S11"});
    check_film(set);
    CHECK(set.clips[0].action == "05_01");
    CHECK(bone_of(set, 5, 1) == doctest::Approx(7.3 * 0.0254 / 0.45).epsilon(1e-5));
}

TEST_CASE("import_mocap: files that cannot be used are named, or passed over, and nothing is left half done") {
    const TemporaryFolder folder;
    std::filesystem::create_directory(folder / "in");
    write_file(folder / "in/01_walk.bvh", person_bvh(20));
    write_file(folder / "in/02_giant.bvh", person_bvh(20, 50, 0, 40));
    write_file(folder / "in/03_broken.bvh", person_bvh(20).substr(0, 4000));
    write_file(folder / "in/04_walk.bvh", person_bvh(20));
    MocapOptions options;
    options.source = folder / "in";
    CHECK(contains(error_of([&] { plan_mocap(MocapKind::bvh, options); }), "03_broken.bvh, line "));
    options.skip_broken = true;
    const MocapPlan plan = plan_mocap(MocapKind::bvh, options);
    const MocapReport report = import_mocap(plan, options, folder / "out");
    CHECK(report.pieces == 2);
    REQUIRE(report.skipped.size() == 2);
    CHECK(contains(report.skipped[0], "02_giant.bvh: the body is 62.8 m long if the unit is cm"));
    CHECK(contains(report.skipped[1], "03_broken.bvh, line "));
    options.skip_broken = false;
    CHECK(contains(error_of([&] { import_mocap(plan, options, folder / "new"); }), "02_giant.bvh: the body"));
    CHECK(!std::filesystem::exists(folder / "new"));
}

TEST_CASE("real BVH files: bones keep their lengths, four cameras see people upright") {
    const char* root = std::getenv("POSEAUG_DATA");
    const std::filesystem::path source = std::filesystem::path(root ? root : "") / "bvh";
    if (!root || !std::filesystem::exists(source / "005_04.bvh")) {
        MESSAGE("skipped: POSEAUG_DATA names no folder with bvh/005_04.bvh");
        return;
    }
    for (const char* name : {"002_02.bvh", "005_04.bvh"}) {
        const MotionClip clip = read_bvh(source / name);
        CHECK(clip.rate == 60);
        const JointMap map(fitting_joint_table(clip), clip);
        const BodyPose first = map.pose(clip, 0);
        double worst = 0;
        for (std::int64_t frame = 0; frame < clip.frames; ++frame) {
            const BodyPose pose = map.pose(clip, frame);
            for (const int bone : kRigidBones) {
                const auto length = [&](const BodyPose& p) {
                    return (p.col(bone + 1) - p.col(parent_of(bone + 1))).norm();
                };
                worst = std::max(worst, std::abs(length(pose) - length(first)));
            }
        }
        CHECK(worst < 1e-6); // centimetres
    }
    const TemporaryFolder folder;
    MocapOptions options;
    options.source = source;
    const MocapPlan plan = plan_mocap(MocapKind::bvh, options);
    CHECK(plan.space.unit.name == std::string("cm"));
    CHECK(plan.space.up == 'y');
    const MocapReport report = import_mocap(plan, options, folder / "");
    CHECK(report.frames == std::map<std::string, std::int64_t>{{"S1", 148}, {"S5", 600}});
    CHECK(report.tables == std::set<std::string>{"reallusion"});
    const std::int64_t views = 4 * (148 + 600);
    CHECK(report.outside < views / 100);
    CHECK(report.near == 0);
    CHECK(report.unseen == 0);
    check_film(load_h36m(folder / "", "gt", {"S1", "S5"}));
}
