#include "data/synth.hpp"

#include "data/cameras.hpp"
#include "data/h36m.hpp"
#include "data/npz.hpp"
#include "data/synth_body.hpp"
#include "data/test_set.hpp"
#include "tests/data/files.hpp"

#include <Eigen/Geometry>
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>

using namespace poseaug;
using namespace poseaug::testing;
using Eigen::Vector3d;

namespace {

const std::vector<std::string> everyone = {"S1", "S5", "S6", "S7", "S8", "S9", "S11"};
const char* const files[] = {"data_3d_h36m.npz", "data_2d_h36m_gt.npz", "data_2d_h36m_noisy.npz", "test_3dhp.npz"};
constexpr double degree = std::numbers::pi / 180;

constexpr int hip = 0, right_hip = 1, left_hip = 4, spine = 7, thorax = 8, head = 9;
constexpr int left_shoulder = 10, left_wrist = 12, right_shoulder = 13, right_wrist = 15;

/// One data set for all tests here.
const std::filesystem::path& folder() {
    static const TemporaryFolder temporary;
    static const std::filesystem::path made = [] {
        write_synthetic(temporary / "data", {20'000, 7});
        return temporary / "data";
    }();
    return made;
}

const PoseSet& truth() {
    static const PoseSet set = load_h36m(folder(), "gt", everyone);
    return set;
}

const PoseSet& cross() {
    static const PoseSet set = load_test_set(folder() / "test_3dhp.npz");
    return set;
}

Vector3d joint(const PoseSet& set, std::int64_t pose, int index) {
    const float* p = &set.joints[static_cast<std::size_t>(pose * 16 + index) * 3];
    return {p[0], p[1], p[2]};
}

double angle_between(const Vector3d& a, const Vector3d& b) { return std::atan2(a.cross(b).norm(), a.dot(b)) / degree; }

/// How much a knee bends, in degrees; negative if it bends forward.
double knee_bend(const PoseSet& set, std::int64_t pose, int upper) {
    const Vector3d thigh = joint(set, pose, upper + 1) - joint(set, pose, upper);
    const Vector3d shank = joint(set, pose, upper + 2) - joint(set, pose, upper + 1);
    const Vector3d left = joint(set, pose, left_hip) - joint(set, pose, right_hip);
    return angle_between(thigh, shank) * (thigh.cross(shank).dot(left) < 0 ? -1 : 1);
}

/// How much an elbow bends, in degrees; negative if the forearm went where only a broken arm goes: the hinge may turn
/// about the upper arm by less than 90 degrees from where a straight swing of the arm takes it.
double elbow_bend(const PoseSet& set, std::int64_t pose, int shoulder, double side) {
    const Vector3d left = (joint(set, pose, left_shoulder) - joint(set, pose, right_shoulder)).normalized();
    const Vector3d up = (joint(set, pose, thorax) - joint(set, pose, spine)).normalized(), forward = left.cross(up);
    const auto in_chest = [&](const Vector3d& v) { return Vector3d(v.dot(forward), side * v.dot(left), v.dot(up)); };
    const Vector3d upper = in_chest(joint(set, pose, shoulder + 1) - joint(set, pose, shoulder)).normalized();
    const Vector3d lower = in_chest(joint(set, pose, shoulder + 2) - joint(set, pose, shoulder + 1)).normalized();
    const Vector3d hinge = Eigen::Quaterniond::FromTwoVectors(-Vector3d::UnitZ(), upper) * -Vector3d::UnitY();
    return angle_between(upper, lower) * (upper.cross(lower).dot(hinge) < 0 ? -1 : 1);
}

void check_anatomy(const PoseSet& set) {
    double least = 180, most = -180, lowest_head = 1;
    for (std::int64_t pose = 0; pose < set.size(); ++pose) {
        for (const double bend : {knee_bend(set, pose, right_hip), knee_bend(set, pose, left_hip),
                                  elbow_bend(set, pose, left_shoulder, 1), elbow_bend(set, pose, right_shoulder, -1)}) {
            least = std::min(least, bend);
            most = std::max(most, bend);
        }
        const Vector3d trunk = joint(set, pose, thorax) - joint(set, pose, spine);
        const Vector3d neck = joint(set, pose, head) - joint(set, pose, thorax);
        lowest_head = std::min(lowest_head, trunk.normalized().dot(neck.normalized()));
    }
    CHECK(least > 1); // never quite straight, and never the wrong way
    CHECK(most < 149);
    CHECK(lowest_head > 0);
}

/// Lean of hip to thorax from the camera's upward direction, in degrees.
double lean(const PoseSet& set, std::int64_t pose) {
    return angle_between(joint(set, pose, thorax) - joint(set, pose, hip), {0, -1, 0});
}

template <class Predicate> double share_of(const PoseSet& set, const Predicate& predicate) {
    double count = 0;
    for (std::int64_t pose = 0; pose < set.size(); ++pose) count += predicate(pose) ? 1 : 0;
    return count / static_cast<double>(set.size());
}

bool hand_over_head(const PoseSet& set, std::int64_t pose) {
    const double top = joint(set, pose, head).y();
    return std::min(joint(set, pose, left_wrist).y(), joint(set, pose, right_wrist).y()) < top - 0.1;
}

std::vector<double> bone_lengths(const PoseSet& set, std::int64_t pose) {
    std::vector<double> lengths;
    constexpr int parents[16] = {-1, 0, 1, 2, 0, 4, 5, 0, 7, 8, 8, 10, 11, 8, 13, 14};
    for (int j = 1; j < 16; ++j) lengths.push_back((joint(set, pose, j) - joint(set, pose, parents[j])).norm());
    return lengths;
}

} // namespace

TEST_CASE("synthetic data has the public layout") {
    CHECK(truth().size() == 20'000);
    CHECK(cross().size() == 2'000);
    std::set<std::string> actions, subjects;
    bool second_take = false;
    for (const Clip& clip : truth().clips) {
        actions.insert(action_of(clip.action));
        subjects.insert(clip.subject);
        second_take |= clip.action == "Walking 1";
    }
    CHECK(actions.size() == 15);
    CHECK(subjects == std::set<std::string>(everyone.begin(), everyone.end()));
    CHECK(second_take);
    const NpyContent positions = read_npz_member(folder() / files[0], "positions_3d");
    const Value* walking = positions.objects.at(0).find("S9")->find("Walking");
    REQUIRE(walking);
    CHECK(walking->array("Walking").shape.at(1) == 32);
    const std::vector<float> values = walking->array("Walking").floats();
    for (const std::size_t filled : {8u, 14u, 27u}) CHECK(values[filled * 3 + 2] != 0);
    for (const std::size_t empty : {4u, 16u, 31u}) CHECK(values[empty * 3 + 2] == 0);
    for (const auto& [file, joints] : {std::pair(files[1], 16), std::pair(files[2], 17)}) {
        const NpyContent metadata = read_npz_member(folder() / file, "metadata");
        CHECK(std::get<std::int64_t>(metadata.objects.at(0).find("num_joints")->data) == joints);
        CHECK(metadata.objects.at(0).find("layout_name")->text("layout") == "h36m");
        CHECK(metadata.objects.at(0).find("keypoints_symmetry")->list("symmetry").size() == 2);
    }
}

TEST_CASE("true detections are the projections of the positions, within the image") {
    double worst = 0, farthest = 0;
    for (const Clip& clip : truth().clips) {
        const PixelCamera& lens = h36m_intrinsics()[static_cast<std::size_t>(clip.camera)];
        for (std::int64_t pose = clip.first; pose < clip.first + clip.count; ++pose)
            for (int j = 0; j < 16; ++j) {
                const Eigen::Vector2d pixel = project_to_pixel(lens, joint(truth(), pose, j));
                const Eigen::Vector2d image = normalise_pixel(pixel, lens.width, lens.height);
                const float* seen = &truth().image[static_cast<std::size_t>(pose * 16 + j) * 2];
                worst = std::max({worst, std::abs(image.x() - seen[0]), std::abs(image.y() - seen[1])});
                farthest = std::max(farthest, image.cwiseAbs().maxCoeff());
            }
    }
    CHECK(worst < 3e-5); // rounded to 1/64 pixel
    CHECK(farthest < 1);
}

TEST_CASE("noisy detections err like a detector and run up to three frames longer") {
    const PoseSet noisy = load_h36m(folder(), "noisy", everyone);
    REQUIRE(noisy.size() == truth().size());
    double hip_error = 0, wrist_error = 0;
    const auto error = [&](std::int64_t pose, int j) {
        const auto at = static_cast<std::size_t>(pose * 16 + j) * 2;
        return 500 * std::hypot(noisy.image[at] - truth().image[at], noisy.image[at + 1] - truth().image[at + 1]);
    };
    for (std::int64_t pose = 0; pose < noisy.size(); ++pose) {
        hip_error += error(pose, hip) / static_cast<double>(noisy.size());
        wrist_error += error(pose, left_wrist) / static_cast<double>(noisy.size());
    }
    CHECK(hip_error > 2);
    CHECK(hip_error < 7);
    CHECK(wrist_error > 1.5 * hip_error);
    CHECK(wrist_error < 16);

    const NpyContent positions = read_npz_member(folder() / files[0], "positions_3d");
    const NpyContent detections = read_npz_member(folder() / files[2], "positions_2d");
    std::set<std::int64_t> extra;
    for (const auto& [action, array] : positions.objects.at(0).find("S1")->dict("S1")) {
        const List& cameras = detections.objects.at(0).find("S1")->find(action.text("action"))->list("cameras");
        REQUIRE(cameras.size() == 4);
        CHECK(cameras[3].array("camera").shape.at(1) == 17);
        extra.insert(cameras[3].array("camera").shape.at(0) - array.array("positions").shape.at(0));
    }
    CHECK(extra == std::set<std::int64_t>{0, 1, 2, 3});
}

TEST_CASE("bones keep their lengths within a subject and differ between subjects") {
    const auto templates = bone_length_templates(folder(), everyone);
    for (const Clip& clip : truth().clips) {
        const auto who = static_cast<std::size_t>(std::ranges::find(everyone, clip.subject) - everyone.begin());
        for (std::int64_t pose = clip.first; pose < clip.first + clip.count; pose += 5) {
            const std::vector<double> lengths = bone_lengths(truth(), pose);
            for (std::size_t bone = 0; bone < 15; ++bone)
                REQUIRE(std::abs(lengths[bone] - templates[who][bone]) < 4e-4); // positions are rounded to 1/8 mm
        }
    }
    for (std::size_t a = 0; a < everyone.size(); ++a) {
        const float leg = templates[a][1] + templates[a][2];
        CHECK(leg > 0.75);
        CHECK(leg < 1.05);
        for (std::size_t b = 0; b < a; ++b) {
            float difference = 0;
            for (std::size_t bone = 0; bone < 15; ++bone)
                difference = std::max(difference, std::abs(templates[a][bone] - templates[b][bone]));
            CHECK(difference > 0.005f);
        }
    }
}

TEST_CASE("knees and elbows bend the human way") {
    check_anatomy(truth());
    check_anatomy(cross());
}

TEST_CASE("motion is smooth, and walkers walk") {
    constexpr double frames_per_second = 10;
    double fastest = 0, largest_turn = 0, walked = 0;
    for (const Clip& clip : truth().clips) {
        for (std::int64_t pose = clip.first + 1; pose < clip.first + clip.count; ++pose)
            for (int j = 0; j < 16; ++j) {
                const Vector3d step = joint(truth(), pose, j) - joint(truth(), pose - 1, j);
                fastest = std::max(fastest, step.norm() * frames_per_second);
                if (pose < clip.first + 2) continue;
                const Vector3d before = joint(truth(), pose - 1, j) - joint(truth(), pose - 2, j);
                largest_turn = std::max(largest_turn, (step - before).norm());
            }
        const Vector3d hips = joint(truth(), clip.first + clip.count - 1, hip) - joint(truth(), clip.first, hip);
        if (action_of(clip.action) == "Walking") walked = std::max(walked, hips.norm());
    }
    CHECK(fastest < 6);
    CHECK(fastest > 1);
    CHECK(largest_turn < 0.45);
    CHECK(walked > 0.8);
}

TEST_CASE("the cross-data-set test is another distribution") {
    const auto leaning = [](const PoseSet& set) {
        return share_of(set, [&](auto pose) { return lean(set, pose) > 50; });
    };
    const auto reaching = [](const PoseSet& set) {
        return share_of(set, [&](auto pose) { return hand_over_head(set, pose); });
    };
    CHECK(leaning(truth()) < 0.02);
    CHECK(leaning(cross()) > 0.08);
    CHECK(reaching(cross()) > 2 * reaching(truth()) + 0.02);

    const auto thigh_spread = [](const PoseSet& set) {
        double low = 9, high = 0;
        for (std::int64_t pose = 0; pose < set.size(); ++pose) {
            const double ratio = bone_lengths(set, pose)[1] / bone_lengths(set, pose)[6];
            low = std::min(low, ratio);
            high = std::max(high, ratio);
        }
        return high / low;
    };
    CHECK(thigh_spread(cross()) > thigh_spread(truth()));
    CHECK(std::ranges::all_of(cross().image, [](float v) { return std::abs(v) < 1; }));
    CHECK(share_of(cross(), [](auto pose) { return joint(cross(), pose, hip).z() < 1; }) == 0);
}

TEST_CASE("the same options give the same bytes, another seed does not") {
    const TemporaryFolder a, b, c;
    write_synthetic(a / "", {2'000, 3});
    write_synthetic(b / "", {2'000, 3});
    write_synthetic(c / "", {2'000, 4});
    for (const char* file : files) {
        CAPTURE(file);
        CHECK(read_file(a / file).size() > 1000);
        CHECK(read_file(a / file) == read_file(b / file));
        CHECK(read_file(a / file) != read_file(c / file));
    }
}

TEST_CASE("progress rises to one, and only the four files remain") {
    const TemporaryFolder folder;
    std::vector<double> shares;
    write_synthetic(folder / "new/deeper", {400, 0}, [&](double share) { shares.push_back(share); });
    REQUIRE(!shares.empty());
    CHECK(std::ranges::is_sorted(shares));
    CHECK(shares.back() == 1);
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder / "new/deeper"))
        names.insert(entry.path().filename().string());
    CHECK(names == std::set<std::string>(std::begin(files), std::end(files)));
}

TEST_CASE("few poses work down to a frame a subject, and bad requests leave nothing behind") {
    const TemporaryFolder folder;
    write_synthetic(folder / "few", {28, 0});
    CHECK(load_h36m(folder / "few", "gt", everyone).size() == 28);
    CHECK(load_test_set(folder / "few" / "test_3dhp.npz").size() == 2);
    for (const std::int64_t poses : {27, 0, -5}) {
        const SynthOptions options{poses, 0};
        CHECK(contains(error_of([&] { write_synthetic(folder / "none", options); }), "at least 28"));
        CHECK(!std::filesystem::exists(folder / "none"));
    }
    std::ofstream(folder / "file") << "in the way";
    CHECK(contains(error_of([&] { write_synthetic(folder / "file", {400, 0}); }), "Cannot write"));
    std::filesystem::create_directories(folder / "taken" / files[1] / "inside");
    CHECK(contains(error_of([&] { write_synthetic(folder / "taken", {400, 0}); }), files[1]));
    CHECK(std::distance(std::filesystem::directory_iterator(folder / "taken"), {}) == 1);
}

TEST_CASE("a full disk or a callback's failure leaves nothing behind") {
    const TemporaryFolder folder;
    {
        const FileSizeLimit full(50'000);
        CHECK(contains(error_of([&] { write_synthetic(folder / "full", {4000, 0}); }), "full"));
    }
    CHECK(folder.count() == 0);
    CHECK_THROWS_AS(write_synthetic(folder / "stopped", {4000, 0},
                                    [](double share) {
                                        if (share > 0.2) throw Error("stop");
                                    }),
                    Error);
    CHECK(!std::filesystem::exists(folder / "stopped"));
}

TEST_CASE("a body stands on the floor, symmetric, as tall as asked") {
    SynthRandom random{{1, 2}};
    const Body body = random_body(1.75, 0, random);
    const SynthPose standing = place_body(body, BodyAngles{}, 0.5, -0.25, 0);
    CHECK(standing[0].z() > 0.85);
    CHECK(standing[0].z() < 1.05);
    CHECK(standing[10].z() > 1.55);
    CHECK(standing[10].z() < 1.75);
    CHECK(standing[0].x() == doctest::Approx(0.5));
    // Left is on the side of +y when facing +x; kept order: 1-3 right leg, 4-6 left leg, 11-13 left, 14-16 right arm.
    for (const auto& [right, left] : {std::pair(1, 4), {2, 5}, {3, 6}, {14, 11}, {15, 12}, {16, 13}}) {
        const Vector3d &r = standing[static_cast<std::size_t>(right)], &l = standing[static_cast<std::size_t>(left)];
        CHECK(l.y() > r.y());
        CHECK(l.y() + 0.25 == doctest::Approx(-(r.y() + 0.25)));
        CHECK(l.x() == doctest::Approx(r.x()));
        CHECK(l.z() == doctest::Approx(r.z()));
    }
    BodyAngles raised{};
    raised[left_arm_out] = raised[right_arm_forward] = 90 * degree;
    const SynthPose pose = place_body(body, raised, 0, 0, 0);
    CHECK((pose[13] - pose[11]).normalized().isApprox(Vector3d::UnitY(), 1e-9));
    CHECK((pose[16] - pose[14]).normalized().isApprox(Vector3d::UnitX(), 1e-9));
}

TEST_CASE("angles are moved into the range of human joints") {
    BodyAngles wild;
    wild.fill(9);
    const BodyAngles high = within_limits(wild);
    wild.fill(-9);
    const BodyAngles low = within_limits(wild);
    CHECK(high[left_knee] < 150 * degree);
    CHECK(low[left_knee] > 0);
    CHECK(low[right_elbow] > 0);
    CHECK(std::hypot(high[left_arm_forward], high[left_arm_out]) < 170 * degree);
    for (std::size_t i = 0; i < high.size(); ++i) CHECK(low[i] < high[i]);
    BodyAngles calm{};
    calm.fill(0.1);
    CHECK(within_limits(calm) == calm);
}
