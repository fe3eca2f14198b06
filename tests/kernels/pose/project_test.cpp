#include "kernels/pose/project.hpp"

#include "tests/kernels/pose/poses.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace poseaug;

namespace {

constexpr double kPinhole[9] = {2, 3, 0.1, -0.2, 0, 0, 0, 0, 0};

/// All joints at one point; the image of joint 5.
struct Point {
    double joints[48], image[32];
    Point(double x, double y, double z, const double (&camera)[9]) {
        for (int j = 0; j < kJoints; ++j) {
            joints[3 * j] = x;
            joints[3 * j + 1] = y;
            joints[3 * j + 2] = z;
        }
        Project::value({}, joints, camera, image);
    }
    double u() const { return image[10]; }
    double v() const { return image[11]; }
    /// Gradient of u + v of every joint.
    void gradient(const double (&camera)[9], double (&d_joints)[48]) const {
        double d_image[32], unused[9];
        for (double& d : d_image) d = 1;
        Project::vjp({}, joints, camera, d_image, d_joints, unused);
    }
};

} // namespace

TEST_CASE("a pinhole camera divides by depth") {
    const Point p(1, -2, 4, kPinhole);
    CHECK(p.u() == doctest::Approx(2 * 0.25 + 0.1));
    CHECK(p.v() == doctest::Approx(3 * -0.5 - 0.2));
}

TEST_CASE("radial and tangential distortion") {
    const double camera[9] = {2, 3, 0.1, -0.2, 0.5, 0.25, 0.125, 0.01, 0.02};
    const Point p(1, -2, 4, camera);
    const double x = 0.25, y = -0.5, r2 = 0.3125;
    const double factor = 1 + 0.5 * r2 + 0.25 * r2 * r2 + 0.125 * r2 * r2 * r2 + 0.01 * x + 0.02 * y;
    CHECK(p.u() == doctest::Approx(2 * (x * factor + 0.01 * r2) + 0.1).epsilon(1e-14));
    CHECK(p.v() == doctest::Approx(3 * (y * factor + 0.02 * r2) - 0.2).epsilon(1e-14));
}

TEST_CASE("the clamp holds points at the edge, passing the gradient there and not beyond") {
    double d[48];
    const Point edge(4, -4, 4, kPinhole), beyond(4.1, -9, 4, kPinhole);
    CHECK(edge.u() == 2.1);
    CHECK(beyond.u() == 2.1);
    CHECK(beyond.v() == -3.2);
    edge.gradient(kPinhole, d);
    CHECK(d[0] == doctest::Approx(0.5));
    CHECK(d[1] == doctest::Approx(0.75));
    beyond.gradient(kPinhole, d);
    for (double v : d) CHECK(v == 0);
}

TEST_CASE("one coordinate beyond the clamp leaves the other its gradient") {
    double d[48];
    Point(9, 1, 4, kPinhole).gradient(kPinhole, d);
    CHECK(d[0] == 0);
    CHECK(d[1] == doctest::Approx(0.75));
    CHECK(d[2] == doctest::Approx(-0.75 * 0.25));
}

TEST_CASE("zero depth is finite") {
    const double smallest = std::numeric_limits<double>::denorm_min();
    for (double z : {0.0, smallest, -smallest, 1e-300})
        for (double x : {0.0, 1.0, -1.0}) {
            const Point p(x, 0, z, kPinhole);
            CHECK(all_finite(p.image));
            double d[48];
            p.gradient(kPinhole, d);
            CHECK(all_finite(d));
        }
    CHECK(Point(1, -1, 0, kPinhole).u() == 2.1); // where the limit from in front of the camera lies
    CHECK(Point(1, -1, 0, kPinhole).v() == -3.2);
}
