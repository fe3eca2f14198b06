#include "kernels/pose/bone_angle.hpp"
#include "kernels/pose/bone_length.hpp"
#include "kernels/pose/flip.hpp"
#include "kernels/pose/move_and_project.hpp"
#include "tests/kernels/pose/poses.hpp"

#include <doctest/doctest.h>

using namespace poseaug;

namespace {

struct Bones {
    double unit[45], length[15];
    explicit Bones(const double (&joints)[48]) { unit_bones(joints, unit, length); }
    double cosine(int b, const Bones& other) const { return dot(&unit[3 * b], &other.unit[3 * b]); }
};

} // namespace

TEST_CASE("the bone-angle step turns the free bones and keeps lengths and hip") {
    const auto pose = column<48>(sampling::poses(1), 0);
    const auto change = column<45>(sampling::normal(45, 1, 0.4), 0);
    const auto camera = column<9>(sampling::cameras(1), 0);
    double ba[48], diff[15], image[32], expected[32];
    BoneAngleStep::value({}, pose.rows, change.rows, camera.rows, ba, diff, image);
    const Bones before(pose.rows), after(ba);
    CHECK(largest_difference(before.length, after.length) < 1e-14);
    for (int k = 0; k < 3; ++k) CHECK(ba[k] == pose.rows[k]);
    for (int b = 0; b < kBones; ++b) CHECK(diff[b] == doctest::Approx(1 - before.cosine(b, after)).epsilon(1e-12));
    for (int b : {6, 7}) CHECK(after.cosine(b, before) == doctest::Approx(1).epsilon(1e-14));
    CHECK(diff[6] == 0);
    CHECK(diff[0] > 1e-4);
    Project::value({}, ba, camera.rows, expected);
    CHECK(largest_difference(image, expected) == 0);
}

TEST_CASE("the bone-angle step adds the change to the unit bone") {
    const auto pose = column<48>(sampling::axis_aligned_poses(1), 0); // bones along x
    double change[45] = {}, ba[48], diff[15], image[32];
    change[1] = 1; // right hip: x + y
    BoneAngleStep::value({}, pose.rows, change, column<9>(sampling::cameras(1), 0).rows, ba, diff, image);
    CHECK(diff[0] == doctest::Approx(1 - std::sqrt(0.5)));
    CHECK(ba[3] == doctest::Approx(-0.5 * std::sqrt(0.5)));
    CHECK(ba[4] == doctest::Approx(-0.5 * std::sqrt(0.5)));
    CHECK(diff[1] == 0);
}

TEST_CASE("the bone-length step stretches both sides alike, keeps directions, and leaves the fifth ratio at zero") {
    const auto pose = column<48>(sampling::poses(1), 0);
    const auto y = column<9>(sampling::normal(9, 1), 0);
    double bl[48], ratio[9];
    BoneLengthStep::value({0.2}, pose.rows, y.rows, bl, ratio);
    const Bones before(pose.rows), after(bl);
    CHECK(largest_difference(before.unit, after.unit) < 1e-13);
    for (int i = 0; i < kRatios; ++i) CHECK(ratio[i] == doctest::Approx(i == 4 ? 0 : std::tanh(y.rows[i]) * 0.2));
    for (int b = 0; b < kBones; ++b)
        CHECK(after.length[b] == doctest::Approx(before.length[b] * (1 + ratio[ratio_of_bone(b)])).epsilon(1e-12));
    CHECK(after.length[0] / before.length[0] == doctest::Approx(after.length[3] / before.length[3]));
}

TEST_CASE("swapping lengths takes the template's lengths and keeps directions and hip") {
    const auto pose = column<48>(sampling::poses(1), 0);
    const auto lengths = column<15>(sampling::normal(15, 1, 0.05, 0.4), 0);
    double swapped[48];
    SwapLengths::value({}, pose.rows, lengths.rows, swapped);
    const Bones before(pose.rows), after(swapped);
    CHECK(largest_difference(after.length, lengths.rows) < 1e-14);
    CHECK(largest_difference(after.unit, before.unit) < 1e-13);
    for (int k = 0; k < 3; ++k) CHECK(swapped[k] == pose.rows[k]);
}

TEST_CASE("rodrigues: known rotations") {
    const double quarter = std::acos(0.0);
    const double about_z[3] = {0, 0, quarter}, none[3] = {};
    const double expected[9] = {0, -1, 0, 1, 0, 0, 0, 0, 1}, identity[9] = {1, 0, 0, 0, 1, 0, 0, 0, 1};
    double matrix[9];
    rodrigues(about_z, matrix);
    CHECK(largest_difference(matrix, expected) < 1e-15);
    rodrigues(none, matrix);
    CHECK(largest_difference(matrix, identity) == 0);
}

TEST_CASE("rodrigues is orthogonal at any angle, and its gradient at zero is the generator") {
    for (double angle : {0.0, 1e-8, 1e-4, 0.999e-3, 1e-3, 1.001e-3, 0.5, 3.14159265358979}) {
        const auto w = column<3>(sampling::of_length(3, 1, angle), 0);
        double r[9];
        rodrigues(w.rows, r);
        for (int i = 0; i < 3; ++i)
            for (int j = 0; j < 3; ++j) CHECK(std::abs(dot(&r[3 * i], &r[3 * j]) - (i == j)) < 1e-14);
    }
    const double none[3] = {}, d_matrix[9] = {0, 1, 2, 3, 0, 4, 5, 6, 0}, expected[3] = {6 - 4, 2 - 5, 3 - 1};
    double d[3];
    rodrigues_vjp(none, d_matrix, d);
    CHECK(largest_difference(d, expected) < 1e-15);
}

TEST_CASE("a pose of changed bone lengths is rotated about its hip, which comes to (x, y, z^2), and projected") {
    const auto pose = column<48>(sampling::poses(1), 0);
    const auto y = column<9>(sampling::normal(9, 1), 0), camera = column<9>(sampling::cameras(1), 0);
    const double y_r[3] = {0.3, -0.2, 1.1}, y_t[3] = {0.5, -0.7, -2};
    double bl[48], bl_ratio[9], rt[48], image[32], ratio[9], r[3], t[3];
    BoneLengthStep::value({0.2}, pose.rows, y.rows, bl, bl_ratio);
    MoveAndProject::value({0.2}, pose.rows, y.rows, y_r, y_t, camera.rows, rt, image, ratio, r, t);
    CHECK(largest_difference(ratio, bl_ratio) == 0);
    CHECK(largest_difference(Bones(bl).length, Bones(rt).length) < 1e-14);
    const double hip[3] = {0.5, -0.7, 4}, at[3] = {rt[0], rt[1], rt[2]};
    CHECK(largest_difference(at, hip) == 0);
    CHECK(largest_difference(t, hip) == 0);
    CHECK(r[2] == doctest::Approx(3.1415 * std::tanh(1.1)));
    double rotation[9], expected[48], seen[32];
    rodrigues(r, rotation);
    for (int j = 0; j < kJoints; ++j)
        for (int k = 0; k < 3; ++k) {
            const double relative[3] = {bl[3 * j] - bl[0], bl[3 * j + 1] - bl[1], bl[3 * j + 2] - bl[2]};
            expected[3 * j + k] = dot(&rotation[3 * k], relative) + t[k];
        }
    CHECK(largest_difference(rt, expected) < 1e-14);
    Project::value({}, rt, camera.rows, seen);
    CHECK(largest_difference(image, seen) == 0);
}

TEST_CASE("mirroring an image twice gives it back, and left and right trade places") {
    const auto image = column<32>(sampling::normal(32, 1), 0);
    double once[32], twice[32];
    MirrorImage::value({}, image.rows, once);
    MirrorImage::value({}, once, twice);
    CHECK(largest_difference(twice, image.rows) == 0);
    CHECK(once[2 * 3] == -image.rows[2 * 6]);
    CHECK(once[2 * 12 + 1] == image.rows[2 * 15 + 1]);
    CHECK(once[0] == -image.rows[0]);
}

TEST_CASE("a pose averaged with its own mirror image, mirrored back, is itself") {
    const auto pose = column<48>(sampling::poses(1), 0);
    double mirrored[48], average[48];
    for (int j = 0; j < kJoints; ++j)
        for (int k = 0; k < 3; ++k) mirrored[3 * j + k] = (k == 0 ? -1 : 1) * pose.rows[3 * mirror_of(j) + k];
    FlipAverage::value({}, pose.rows, mirrored, average);
    CHECK(largest_difference(average, pose.rows) == 0);
    FlipAverage::value({}, pose.rows, pose.rows, average);
    CHECK(average[3 * 1] == doctest::Approx(0.5 * (pose.rows[3 * 1] - pose.rows[3 * 4])));
}
