#include "data/import/acclaim.hpp"

#include "tests/data/files.hpp"
#include "tests/data/import/mocap_samples.hpp"

#include <Eigen/Geometry>
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

using namespace poseaug;
using namespace poseaug::testing;

namespace {

const std::string kSkeleton = R"(# a comment
:version 1.10
:name VICON
:units
  mass 1.0
  length 0.45
  angle deg
:documentation
   anything: begin
:root
   order TX TY TZ RX RY RZ
   axis XYZ
   position 0 0 0
   orientation 0 0 0
:bonedata
  begin
     id 1
     name upper
     direction 1 0 0
     length 2
     axis 0 0 90  XYZ
    dof rx
    limits (-160.0 20.0)
  end
  begin
     id 2
     name lower
     direction 0 1 0
     length 3
     axis 0 0 0  XYZ
    dof rz rx
    limits (-160.0 20.0)
           (-70.0 70.0)
  end
  begin
     id 3
     name stiff
     direction 0 0 1
     length 1
     axis 0 0 0  XYZ
  end
:hierarchy
  begin
    upper lower
    root upper stiff
  end
)";

const std::string kMotion = R"(#!OML:ASF F:\VICON\USERDATA
:FULLY-SPECIFIED
:DEGREES
1
root 1 2 3 0 0 90
upper 90
lower 90 0
2
root 0 0 0 0 0 0
lower 90 90
upper 0
)";

MotionClip read_texts(const std::string& asf, const std::string& amc) {
    const TemporaryFolder folder;
    write_file(folder / "s.asf", asf);
    write_file(folder / "s_01.amc", amc);
    const AcclaimSkeleton skeleton = read_asf(folder / "s.asf");
    return read_amc(skeleton, folder / "s_01.amc");
}

void check_place(const MotionClip& clip, std::int64_t frame, const std::string& joint,
                 const Eigen::Vector3d& expected) {
    const auto index = static_cast<std::size_t>(std::ranges::find(clip.joints, joint) - clip.joints.begin());
    REQUIRE(index < clip.joints.size());
    INFO(joint, " in frame ", frame, ": ", clip.at(frame, index).transpose());
    CHECK((clip.at(frame, index) - expected).norm() < 1e-12);
}

} // namespace

TEST_CASE("read_amc: positions worked out by hand") {
    const MotionClip clip = read_texts(kSkeleton, kMotion);
    CHECK(clip.frames == 2);
    CHECK(clip.rate == 0);
    CHECK(clip.joints.front() == "root");
    check_place(clip, 0, "root", {1, 2, 3});
    // upper's own x is the world's y: (2 0 0) a quarter about it is (0 0 -2), and that about z is the same
    check_place(clip, 0, "upper", {1, 2, 1});
    // (0 3 0) a quarter about z is (-3 0 0), that about upper's y (0 0 3), and that about z is the same
    check_place(clip, 0, "lower", {1, 2, 4});
    check_place(clip, 0, "stiff", {1, 2, 4});
    check_place(clip, 1, "upper", {2, 0, 0});
    // values come as rz rx, but turn about x first: (0 3 0) to (0 0 3), and z leaves that
    check_place(clip, 1, "lower", {2, 0, 3});
    check_place(clip, 1, "stiff", {0, 0, 1});
}

TEST_CASE("read_amc: any axes and angles, against quaternions") {
    std::string asf = replaced(kSkeleton, "axis 0 0 0  XYZ\n    dof rz rx", "axis 20 -35 50  XYZ\n    dof rx ry rz");
    asf = replaced(asf, "position 0 0 0\n   orientation 0 0 0", "position 4 5 6\n   orientation 10 0 0");
    std::string amc = replaced(kMotion, "lower 90 0", "lower 33 44 -55");
    amc = replaced(replaced(amc, "lower 90 90", "lower 0 0 0"), "root 1 2 3 0 0 90", "root 1 2 3 15 -25 35");
    const MotionClip clip = read_texts(asf, amc);
    const auto turn = [](double x, double y, double z) { // about fixed axes x, y, z in this order
        const auto about = [](double degrees, int axis) {
            const double half = degrees * std::numbers::pi / 360;
            Eigen::Quaterniond q(std::cos(half), 0, 0, 0);
            q.vec()[axis] = std::sin(half);
            return q;
        };
        return about(z, 2) * about(y, 1) * about(x, 0);
    };
    const auto own = [&](const Eigen::Quaterniond& axes, const Eigen::Quaterniond& angles) {
        return axes * angles * axes.conjugate();
    };
    const Eigen::Quaterniond root = own(turn(10, 0, 0), turn(15, -25, 35));
    const Eigen::Quaterniond upper = root * own(turn(0, 0, 90), turn(90, 0, 0));
    const Eigen::Quaterniond lower = upper * own(turn(20, -35, 50), turn(33, 44, -55));
    const Eigen::Vector3d origin(5, 7, 9), elbow = origin + upper * Eigen::Vector3d(2, 0, 0);
    check_place(clip, 0, "root", origin);
    check_place(clip, 0, "upper", elbow);
    check_place(clip, 0, "lower", elbow + lower * Eigen::Vector3d(0, 3, 0));
}

TEST_CASE("read_amc: radians, in the skeleton and in the motion") {
    const std::string quarter = "1.5707963267948966";
    std::string asf = replaced(replaced(kSkeleton, "angle deg", "angle rad"), "axis 0 0 90", "axis 0 0 " + quarter);
    std::string amc = replaced(kMotion, "root 1 2 3 0 0 90", "root 1 2 3 0 0 " + quarter);
    amc = replaced(amc, "upper 90", "upper " + quarter);
    amc = replaced(amc, "lower 90 0", "lower " + quarter + " 0");
    amc = replaced(amc, "lower 90 90", "lower " + quarter + " " + quarter);
    const MotionClip degrees = read_texts(kSkeleton, kMotion);
    const auto agrees = [&](const MotionClip& clip) {
        double worst = 0;
        for (std::size_t i = 0; i < degrees.positions.size(); ++i)
            worst = std::max(worst, std::abs(clip.positions.at(i) - degrees.positions[i]));
        return worst < 1e-12;
    };
    CHECK(agrees(read_texts(kSkeleton, replaced(amc, ":DEGREES", ":RADIANS")))); // the motion says it
    CHECK(agrees(read_texts(asf, replaced(amc, ":DEGREES\n", ""))));             // or else the skeleton
    CHECK(agrees(read_texts(asf, kMotion)));
    CHECK(!agrees(read_texts(kSkeleton, amc)));
    CHECK(
        contains(error_of([&] { read_texts(replaced(kSkeleton, "angle deg", "angle grad"), kMotion); }), "deg or rad"));
}

TEST_CASE("read_asf: what is wrong is said with file and line") {
    struct Damage {
        const char *from, *to, *complaint;
    };
    for (const auto& [from, to, complaint] : {
             Damage{":version", "version", "line 2: an ASF file starts with a section"},
             Damage{"length 2", "", "bone 'upper' has no length"},
             Damage{"direction 0 1 0", "", "bone 'lower' has no direction"},
             Damage{"direction 0 1 0", "direction 0 1", "line 28: 'direction' needs more values"},
             Damage{"length 2", "length nan", "line 20: 'nan' is not a number"},
             Damage{"name upper", "name lower", "a second bone is named 'lower'"},
             Damage{"name upper", "name root", "a second bone is named 'root'"},
             Damage{"name upper", "", "a bone has no name"},
             Damage{"axis 0 0 90  XYZ", "axis 0 0 90  XXZ", "no order of axes"},
             Damage{"axis 0 0 90  XYZ", "axis 0 0 90", "'axis' needs more values"},
             Damage{"dof rx\n", "dof rx rw\n", "'rw' is no degree of freedom"},
             Damage{"dof rx\n", "dof rx rx\n", "stands twice"},
             Damage{"dof rx\n", "dof tx\n", "only rotations"},
             Damage{"  end\n  begin\n     id 2", "  begin\n     id 2", "begins before the one above has ended"},
             Damage{"  end\n:hierarchy", ":hierarchy", "a bone has no end"},
             Damage{"upper lower", "upper lower stiff", "line 45: bone 'stiff' hangs on two bones"},
             Damage{"upper lower", "upper other", "line 44: there is no bone named 'other'"},
             Damage{"upper lower", "upper root", "the root cannot hang on a bone"},
             Damage{"root upper stiff", "lower upper\nroot stiff", "goes round in a circle"},
             Damage{"upper lower", "upper", "bone 'lower' is not joined to the root"},
         }) {
        const TemporaryFolder folder;
        write_file(folder / "s.asf", replaced(kSkeleton, from, to));
        const std::string message = error_of([&] { read_asf(folder / "s.asf"); });
        INFO(std::string(from), " -> ", std::string(to), ": ", message);
        CHECK(contains(message, complaint));
        CHECK(contains(message, (folder / "s.asf").string()));
    }
    const std::string start = kSkeleton.substr(0, kSkeleton.find(":bonedata"));
    CHECK(contains(error_of([&] { read_texts(start, kMotion); }), "without a bone"));
    CHECK(contains(error_of([&] { read_texts(kSkeleton.substr(0, kSkeleton.find(":hierarchy")), kMotion); }),
                   "without a :hierarchy"));
}

TEST_CASE("read_amc: what is wrong is said with file and line") {
    struct Damage {
        const char *from, *to, *complaint;
    };
    for (const auto& [from, to, complaint] : {
             Damage{"upper 90", "other 90", "line 6: bone 'other' is not in the skeleton"},
             Damage{"upper 90", "upper 90 1", "line 6: bone 'upper' has 2 values"},
             Damage{"root 1 2 3 0 0 90", "root 1 2 3 0 0", "gives it 6 (tx ty tz rx ry rz)"},
             Damage{"upper 90\n", "", "frame 1 has no values of bone 'upper'"},
             Damage{"upper 90", "upper 90\nupper 80", "stands twice in frame 1"},
             Damage{"lower 90 90\n", "lower 90 oh\n", "line 10: 'oh' is not a number"},
             Damage{"\n2\n", "\n5\n", "frame 5 follows frame 1"},
             Damage{"\n2\n", "\ntwo\n", "'two' is not a whole number"},
             Damage{"\n1\n", "\n", "expected the number of a frame"},
             Damage{"upper 0", "stiff 0", "gives it 0"},
         }) {
        const std::string message = error_of([&] { read_texts(kSkeleton, replaced(kMotion, from, to)); });
        INFO(std::string(from), " -> ", std::string(to), ": ", message);
        CHECK(contains(message, complaint));
        CHECK(contains(message, "s_01.amc"));
    }
    CHECK(contains(error_of([&] { read_texts(kSkeleton, ":DEGREES\n"); }), "there is no frame"));
}

TEST_CASE("read_asf and read_amc: damaged files are read or refused, never worse") {
    const TemporaryFolder folder;
    write_file(folder / "s.asf", person_asf());
    write_file(folder / "s_01.amc", person_amc(3));
    const AcclaimSkeleton skeleton = read_asf(folder / "s.asf");
    CHECK(read_amc(skeleton, folder / "s_01.amc").frames == 3);
    CHECK(refused_mutations(person_asf(), 800, [&](const std::string& bytes) {
              write_file(folder / "d.asf", bytes);
              read_asf(folder / "d.asf");
          }) > 100);
    CHECK(refused_mutations(person_amc(3), 800, [&](const std::string& bytes) {
              write_file(folder / "d.amc", bytes);
              read_amc(skeleton, folder / "d.amc");
          }) > 200);
}
