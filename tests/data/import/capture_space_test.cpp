#include "data/import/capture_space.hpp"

#include "data/cameras.hpp"
#include "tests/data/files.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace poseaug;
using namespace poseaug::testing;

namespace {

/// A person 1.67 m long from foot to head, z up, standing at (x, y).
BodyPose standing(double x = 0, double y = 0) {
    BodyPose pose = BodyPose::Zero();
    const double heights[kJoints] = {0.98, 0.94, 0.51, 0.1,  0.94, 0.51, 0.1,  1.2,
                                     1.48, 1.8,  1.43, 1.15, 0.9,  1.43, 1.15, 0.9};
    for (int j = 0; j < kJoints; ++j) pose.col(j) << x, y, heights[j];
    return pose;
}

} // namespace

TEST_CASE("length units: the one that makes the body a person's") {
    CHECK(body_length(standing()) == doctest::Approx(0.84 + 0.82));
    for (const LengthUnit& unit : length_units())
        for (const double metres : {1.3, 1.55, 1.75}) {
            CAPTURE(unit.name);
            CHECK(guess_unit(metres / unit.metres).name == std::string(unit.name));
        }
    CHECK(contains(error_of([] { guess_unit(1e6); }), "give --unit METRES"));
    CHECK(contains(error_of([] { guess_unit(1e-3); }), "a person's length in no unit"));
}

TEST_CASE("guess_up and to_world: z becomes up, nothing is mirrored") {
    const BodyPose pose = standing(0.3, 0.4);
    CHECK(guess_up({pose}) == 'z');
    CHECK(to_world(pose, {{"cm", 0.01}, 'z'}) == pose * 0.01);
    BodyPose y_up = pose; // x as it is, y up, z backward
    y_up.row(1) = pose.row(2);
    y_up.row(2) = -pose.row(1);
    CHECK(guess_up({y_up, y_up, pose}) == 'y');
    CHECK((to_world(y_up, {{"m", 1}, 'y'}) - pose).norm() < 1e-12);
    BodyPose lying = pose;
    lying.row(0) = pose.row(2);
    lying.row(2) = pose.row(0);
    CHECK(contains(error_of([&] { guess_up({lying}); }), "--up y or --up z"));
    CHECK(contains(error_of([&] { guess_up({-pose}); }), "--up y or --up z"));
}

TEST_CASE("cut_path: pieces stay within the square, and are all of the path in order") {
    std::vector<BodyPose> path;
    for (int f = 0; f < 100; ++f) path.push_back(standing(0.1 * f, f < 50 ? 0 : -0.05 * (f - 50)));
    const auto pieces = cut_path(path, 2.45);
    CHECK(pieces.size() == 4);
    std::int64_t next = 0;
    for (const Piece& piece : pieces) {
        CHECK(piece.first == next);
        next += piece.count;
        for (std::int64_t f = piece.first; f < next; ++f) {
            const auto away = (path[static_cast<std::size_t>(f)].col(0).head<2>() - piece.middle).cwiseAbs();
            CHECK(away.maxCoeff() <= 2.45 / 2 + 1e-12);
        }
    }
    CHECK(next == 100);
    CHECK(pieces[0].count == 25);
    CHECK(pieces[0].middle.x() == doctest::Approx(1.2));
}

TEST_CASE("floor_height: below the lower foot, but for a glitch") {
    std::vector<BodyPose> poses(200, standing());
    CHECK(floor_height(poses) == doctest::Approx(0.1 - 0.08));
    poses[7](2, 6) = -3; // one frame in 200
    CHECK(floor_height(poses) == doctest::Approx(0.1 - 0.08));
    for (BodyPose& pose : poses) pose(2, 3) += 1; // on one leg
    CHECK(floor_height(poses) == doctest::Approx(0.1 - 0.08));
}

TEST_CASE("middle_of_view: where all four cameras look") {
    for (const char* subject : {"S1", "S5", "S6", "S7", "S8", "S9", "S11"}) {
        const Eigen::Vector2d middle = middle_of_view(subject);
        for (std::size_t c = 0; c < kH36mCameras; ++c) {
            const Eigen::Vector3d seen = world_to_camera(h36m_placements(subject)[c], {middle.x(), middle.y(), 1});
            CAPTURE(subject);
            CAPTURE(c);
            CHECK(seen.z() > 3);
            CHECK(std::abs(seen.x() / seen.z()) < 0.1);
        }
    }
}
