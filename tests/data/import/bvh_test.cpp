#include "data/import/bvh.hpp"

#include "tests/data/files.hpp"
#include "tests/data/import/mocap_samples.hpp"

#include <Eigen/Geometry>
#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

using namespace poseaug;
using namespace poseaug::testing;

namespace {

MotionClip read_text(const std::string& text) {
    const TemporaryFolder folder;
    write_file(folder / "clip.bvh", text);
    return read_bvh(folder / "clip.bvh");
}

const std::string kArm = R"(HIERARCHY
ROOT Hips
{
    OFFSET 1 2 3
    CHANNELS 6 Xposition Yposition Zposition Zrotation Yrotation Xrotation
    JOINT Arm
    {
        OFFSET 0 10 0
        CHANNELS 3 Zrotation Yrotation Xrotation
        End Site
        {
            OFFSET 0 0 5
        }
    }
}
MOTION
Frames: 2
Frame Time: 0.0333333
10 20 30 0 0 0 0 0 0
10 20 30 90 0 0 0 0 90
)";

void check_place(const MotionClip& clip, std::int64_t frame, std::size_t joint, const Eigen::Vector3d& expected) {
    INFO(clip.joints[joint], " in frame ", frame, ": ", clip.at(frame, joint).transpose());
    CHECK((clip.at(frame, joint) - expected).norm() < 1e-12);
}

} // namespace

TEST_CASE("read_bvh: positions worked out by hand") {
    const MotionClip clip = read_text(kArm);
    CHECK(clip.joints == std::vector<std::string>{"Hips", "Arm", "Arm_end"});
    CHECK(clip.frames == 2);
    CHECK(clip.rate == 30);
    check_place(clip, 0, 0, {11, 22, 33});
    check_place(clip, 0, 1, {11, 32, 33});
    check_place(clip, 0, 2, {11, 32, 38});
    check_place(clip, 1, 0, {11, 22, 33});
    check_place(clip, 1, 1, {1, 22, 33}); // (0 10 0) a quarter about z
    check_place(clip, 1, 2, {6, 22, 33}); // (0 0 5) a quarter about x is (0 -5 0), and that about z (5 0 0)
}

TEST_CASE("read_bvh: rotations compose in the order of the channels, positions stand anywhere") {
    std::string text = replaced(kArm, "Xposition Yposition Zposition Zrotation Yrotation Xrotation",
                                "Yrotation Zposition Xrotation Xposition Zrotation Yposition");
    text = replaced(text, "10 20 30 90 0 0 0 0 90", "40 30 -25 10 70 20 0 0 0");
    const MotionClip clip = read_text(text);
    check_place(clip, 1, 0, {11, 22, 33});
    const auto radians = [](double degrees) { return degrees * std::numbers::pi / 180; };
    const auto half = [&](double degrees) { return radians(degrees) / 2; };
    const Eigen::Quaterniond y(std::cos(half(40)), 0, std::sin(half(40)), 0),
        x(std::cos(half(-25)), std::sin(half(-25)), 0, 0), z(std::cos(half(70)), 0, 0, std::sin(half(70)));
    const Eigen::Vector3d arm = Eigen::Vector3d(11, 22, 33) + (y * (x * (z * Eigen::Vector3d(0, 10, 0))));
    check_place(clip, 1, 1, arm);
    check_place(clip, 1, 2, arm + (y * (x * (z * Eigen::Vector3d(0, 0, 5)))));
}

TEST_CASE("read_bvh: positions of other joints replace their offset, or are added where they are near zero") {
    const std::string moving =
        replaced(kArm, "CHANNELS 3 Zrotation", "CHANNELS 6 Xposition Yposition Zposition Zrotation");
    const auto with = [&](const std::string& place) {
        std::string text = replaced(moving, "10 20 30 0 0 0 0 0 0", "10 20 30 0 0 0 " + place + " 0 0 0");
        return read_text(replaced(text, "10 20 30 90 0 0 0 0 90", "10 20 30 0 0 0 1 2 3 0 0 0"));
    };
    const MotionClip replacing = with("0.5 9 0"), adding = with("0.5 0 1");
    check_place(replacing, 0, 1, {11.5, 31, 33});
    check_place(replacing, 1, 1, {12, 24, 36}); // settled by the first frame for all
    check_place(adding, 0, 1, {11.5, 32, 34});
    check_place(adding, 1, 1, {12, 34, 36});
}

TEST_CASE("read_bvh: spacing, line ends, letter case and the writing of numbers do not matter") {
    std::string text = replaced(kArm, "Hips\n{", "Left Hips{");
    text = replaced(text, "HIERARCHY\nROOT", "\n\n hierarchy\troot");
    text = replaced(text, "OFFSET 1 2 3", "Offset +1.0e0\n 2 .3E1");
    text = replaced(text, "Frame Time: 0.0333333", "FRAME TIME:3.33333e-2");
    text = replaced(text, "Frames: 2", "\nframes :  2");
    text = replaced(text, "Xposition Yposition", "XPOSITION yposition");
    text = replaced(text, "}\nMOTION", "} motion");
    std::string windows = "\xEF\xBB\xBF";
    for (const char c : text) windows += c == '\n' ? std::string(" \r\n") : std::string(1, c);
    const MotionClip clip = read_text(windows), plain = read_text(kArm);
    CHECK(clip.joints[0] == "Left Hips");
    CHECK(clip.positions == plain.positions);
    CHECK(clip.rate == plain.rate);
}

TEST_CASE("read_bvh: what is wrong is said with file and line") {
    struct Damage {
        const char *from, *to, *complaint;
    };
    for (const auto& [from, to, complaint] : {
             Damage{"HIERARCHY", "HELLO", "line 1: a BVH file starts with the word HIERARCHY"},
             Damage{"    }\n}\nMOTION", "    }\nMOTION", "line 15: MOTION comes before the } of joint 'Hips'"},
             Damage{"}\nMOTION", "}\n}\nMOTION", "a } too many"},
             Damage{"ROOT Hips\n{", "ROOT Hips\n", "line 4: expected the { of joint 'Hips'"},
             Damage{"    OFFSET 1 2 3\n", "", "has no OFFSET"},
             Damage{"OFFSET 1 2 3", "OFFSET 1 2", "line 5: 'CHANNELS' is not a number"},
             Damage{"OFFSET 1 2 3", "OFFSET 1 nan 3", "line 4: 'nan' is not a number"},
             Damage{"CHANNELS 3", "CHANNELS 4", "is no channel"},
             Damage{"CHANNELS 3", "CHANNELS 2", "where ROOT, JOINT"},
             Damage{"CHANNELS 3", "CHANNELS 3000000000", "can have 0 to 6"},
             Damage{"CHANNELS 3", "CHANNELS x", "'x' is not a whole number"},
             Damage{"3 Zrotation", "3 Zscale", "'zscale' is no channel"},
             Damage{"JOINT Arm", "ROOT Arm", "a second ROOT"},
             Damage{"ROOT", "JOINT", "outside of the ROOT"},
             Damage{"10 20 30 0 0 0 0 0 0\n10 20 30 90 0 0 0 0 90", "10.000000 20.000000 30.000000 0.000 0 0 0 0 0",
                    "ends after 1 of the 2 frames"},
             Damage{"Frames: 2", "Frames: 3", "3 frames of 9 values are more than the rest of the file can hold"},
             Damage{"Frames: 2", "Frames: 1", "line 20: there is more after the 1 frames"},
             Damage{"Frames: 2", "Frames: 0", "at least one"},
             Damage{"Frames: 2", "Frames: -5", "at least one"},
             Damage{"Frames: 2", "Frames: 9000000000000000000", "more than the rest of the file can hold"},
             Damage{"Frames: 2", "Frames: 90000000000000000000", "is not a whole number"},
             Damage{"Frames: 2", "Pictures: 2", "line 17: expected 'Frames:'"},
             Damage{"Frame Time: 0.0333333", "Frame Time: 0", "the time of a frame is 0"},
             Damage{"0 0 0 0 0 0\n10", "0 0 0 0 0\n10",
                    "line 19: the frame has 8 values, but the skeleton's channels are 9"},
             Damage{"90 0 0 0 0 90", "90 0 0 0 0 90 1", "line 20: the frame has 10 values"},
             Damage{"90 0 0 0 0 90", "90 0 inf 0 0 90", "line 20: 'inf' is not a number"},
             Damage{"10 20 30 90", "1e308 20 30 90", "no error"},
             Damage{"OFFSET 1 2 3", "OFFSET 1e308 2 3", "no error"},
             Damage{"90 0 0 0 0 90", "90 0 1,5 0 0 90", "'1,5' is not a number"},
         }) {
        const TemporaryFolder folder;
        write_file(folder / "clip.bvh", replaced(kArm, from, to));
        const std::string message = error_of([&] { read_bvh(folder / "clip.bvh"); });
        INFO(std::string(from), " -> ", std::string(to), ": ", message);
        CHECK(contains(message, complaint));
        if (message != "no error") CHECK(contains(message, (folder / "clip.bvh").string() + ", line "));
    }
    const std::string huge =
        replaced(replaced(kArm, "OFFSET 1 2 3", "OFFSET 1e308 2 3"), "10 20 30 90", "1.7e308 20 30 90");
    CHECK(contains(error_of([&] { read_text(huge); }), "too large to compute with"));
    CHECK(contains(error_of([&] { read_text(""); }), "the file ends where HIERARCHY should stand"));
    CHECK(contains(error_of([&] { read_text(std::string("HIERARCHY\0ROOT", 14)); }), "zero bytes"));
    CHECK(contains(error_of([&] { read_bvh("/nowhere/clip.bvh"); }), "Cannot read /nowhere/clip.bvh"));
}

TEST_CASE("read_bvh: damaged files are read or refused, never worse") {
    const TemporaryFolder folder;
    const int refused = refused_mutations(person_bvh(3), 1500, [&](const std::string& bytes) {
        write_file(folder / "clip.bvh", bytes);
        read_bvh(folder / "clip.bvh");
    });
    CHECK(refused > 500);
}
