#include "data/cameras.hpp"

#include "tests/data/files.hpp"

#include <Eigen/Geometry>
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

using namespace poseaug;
using Eigen::Vector3d;

namespace {

const char* const subjects[] = {"S1", "S5", "S6", "S7", "S8", "S9", "S11"};

/// The method's projection in normalised units, written apart from the code under test.
Eigen::Vector2d project_normalised(const std::array<double, 9>& c, const Vector3d& p) {
    const double u = std::clamp(p.x() / p.z(), -1.0, 1.0), v = std::clamp(p.y() / p.z(), -1.0, 1.0);
    const double r2 = u * u + v * v;
    const double factor = 1 + c[4] * r2 + c[5] * r2 * r2 + c[6] * r2 * r2 * r2 + c[7] * u + c[8] * v;
    return {c[0] * (u * factor + c[7] * r2) + c[2], c[1] * (v * factor + c[8] * r2) + c[3]};
}

} // namespace

TEST_CASE("every Human3.6M camera looks at the stage from its place, upright") {
    for (const char* subject : subjects)
        for (const CameraPlacement& placement : h36m_placements(subject)) {
            CAPTURE(subject);
            const Vector3d place = Vector3d(placement.position[0], placement.position[1], placement.position[2]) / 1000;
            CHECK(world_to_camera(placement, place).norm() == doctest::Approx(0).epsilon(1e-9));
            const Vector3d origin = world_to_camera(placement, {0, 0, 1});
            CHECK(origin.norm() == doctest::Approx((place - Vector3d(0, 0, 1)).norm()).epsilon(1e-6));
            CHECK(origin.z() > 3.5);
            CHECK(std::abs(origin.x() / origin.z()) < 0.2);
            CHECK(std::abs(origin.y() / origin.z()) < 0.2);
            const Vector3d up = world_to_camera(placement, {0, 0, 2}) - origin;
            CHECK(up.y() < -0.95); // y points down
        }
}

TEST_CASE("cameras turn space without mirroring it") {
    const CameraPlacement& placement = h36m_placements("S6")[2];
    const Vector3d at = world_to_camera(placement, {0, 0, 0}), x = world_to_camera(placement, {1, 0, 0}) - at;
    const Vector3d y = world_to_camera(placement, {0, 1, 0}) - at, z = world_to_camera(placement, {0, 0, 1}) - at;
    CHECK((x.cross(y) - z).norm() < 1e-6);
    CHECK(std::abs(x.dot(y)) < 1e-6);
}

TEST_CASE("a known point of S9's first camera") {
    // By hand from the calibration, with another form of the rotation: q* v q written as a matrix.
    const CameraPlacement& p = h36m_placements("S9")[0];
    const double w = p.orientation[0], x = p.orientation[1], y = p.orientation[2], z = p.orientation[3];
    Eigen::Matrix3d to_world;
    to_world << 1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y), //
        2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x),         //
        2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y);
    const Vector3d point(0.3, -0.2, 1.1), place(2.0444584960, 4.9351171875, 1.4812275390625);
    CHECK((world_to_camera(p, point) - to_world.transpose() * (point - place)).norm() < 1e-7);
    CHECK(place.x() == doctest::Approx(p.position[0] / 1000).epsilon(1e-9));
}

TEST_CASE("pixels and intrinsics are normalised by the image's width") {
    CHECK(normalise_pixel({0, 0}, 1000, 1002).isApprox(Eigen::Vector2d(-1, -1.002)));
    CHECK(normalise_pixel({1000, 1002}, 1000, 1002).isApprox(Eigen::Vector2d(1, 1.002)));
    CHECK(normalise_pixel({500, 501}, 1000, 1002).norm() < 1e-12);
    const auto c = normalised_intrinsics(h36m_intrinsics()[0]);
    CHECK(c[0] == doctest::Approx(2.290098876953125).epsilon(1e-12));
    CHECK(c[1] == doctest::Approx(2.287562255859375).epsilon(1e-12));
    CHECK(c[2] == doctest::Approx(0.0250830078125).epsilon(1e-12));
    CHECK(c[3] == doctest::Approx(0.0289029541015625).epsilon(1e-12));
    CHECK(c[4] == -0.20709891617298126);
    CHECK(c[6] == -0.0030751503072679043);
    CHECK(c[8] == -0.00142447161488235);
}

TEST_CASE("projection to pixels equals the method's normalised projection") {
    for (const PixelCamera& camera : h36m_intrinsics()) {
        const auto nine = normalised_intrinsics(camera);
        for (const Vector3d& point : {Vector3d(0, 0, 4), Vector3d(0.7, -0.9, 3.5), Vector3d(-1.2, 0.4, 5),
                                      Vector3d(5, -7, 2)}) { // the last is clamped
            const Eigen::Vector2d pixel = project_to_pixel(camera, point);
            const Eigen::Vector2d normalised = normalise_pixel(pixel, camera.width, camera.height);
            CHECK((normalised - project_normalised(nine, point)).norm() < 1e-12);
        }
        CHECK(project_to_pixel(camera, {0, 0, 3}).isApprox(Eigen::Vector2d(camera.center[0], camera.center[1])));
    }
}

TEST_CASE("a subject without calibration is named, with those that have one") {
    const std::string message = testing::error_of([] { h36m_placements("S2"); });
    CHECK(testing::contains(message, "'S2'"));
    CHECK(testing::contains(message, "S11"));
}
