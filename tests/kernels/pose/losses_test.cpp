#include "kernels/pose/augmentor_loss.hpp"

#include "tests/kernels/pose/poses.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace poseaug;

TEST_CASE("mean square compares with the target seen from its hip") {
    double estimate[48], target[48], loss[1];
    for (int i = 0; i < 48; ++i) {
        target[i] = i % 3 + 1; // every joint on the hip
        estimate[i] = 2;
    }
    MeanSquare::value({}, estimate, target, loss);
    CHECK(loss[0] == doctest::Approx(4));
    for (double& e : estimate) e = 0;
    MeanSquare::value({}, estimate, target, loss);
    CHECK(loss[0] == 0);
}

TEST_CASE("least squares is the distance to the label") {
    const double x[1] = {3}, one[1] = {1};
    double loss[1], d[1];
    LeastSquares::value({1, 5}, x, loss);
    CHECK(loss[0] == 4);
    LeastSquares::vjp({1, 5}, x, one, d);
    CHECK(d[0] == 4);
    CHECK(LeastSquares::weight({1, 5}, 0) == 5);
}

TEST_CASE("inside a band and on its edge nothing is paid") {
    const Band band{0.25, 0.125};
    CHECK(outside_range(0.3, band) == 0);
    CHECK(outside_range(0.375, band) == 0);
    CHECK(outside_range_slope(0.375, band) == 0);
    CHECK(outside_range(0.5, band) == 0.0625);
    CHECK(outside_range(0.0, band) == 0.0625);
    CHECK(outside_range_slope(0.0, band) == -0.5);
}

TEST_CASE("the angle penalty looks at a pose's mean, the ratio penalty at each ratio") {
    const double angles[15] = {3.0}, ratios[9] = {0.3, -0.3, 0.05}; // mean angle 0.2
    const double scores_3d[5] = {}, scores_2d[1] = {};
    double loss[4];
    const auto judge = [&](Band angle, Band ratio) {
        AugmentorLoss::value({1, 1, 1, angle, ratio}, scores_3d, scores_3d, scores_2d, scores_2d, angles, ratios, loss);
    };
    judge({0.205, 0.165}, {0, 0.1});
    CHECK(loss[2] == 0);
    CHECK(loss[3] == doctest::Approx(2 * 0.09 / 9));
    judge({0.7, 0.1}, {0, 0.3});
    CHECK(loss[2] == doctest::Approx(0.25));
    CHECK(loss[3] == 0);
}
