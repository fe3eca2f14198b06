#include "kernels/pose/feedback.hpp"

#include "tests/kernels/pose/poses.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace poseaug;

TEST_CASE("the estimator's error weighs joints and averages groups") {
    double estimate[48] = {}, target[48] = {}, error[3];
    for (int j = 0; j < kJoints; ++j) target[3 * j] = 1.5; // every joint on the hip
    estimate[3 * 1] = 1;                                   // proximal, weight 5, group of four
    estimate[3 * 9 + 1] = 2;                               // head: middle, weight 1, group of five
    estimate[3 * 6 + 2] = -3;                              // foot: distal, weight 1, group of four
    estimate[3 * 8] = 100;                                 // thorax: in no group
    JointGroupErrors::value(estimate, target, error);
    CHECK(error[0] == doctest::Approx(1.25));
    CHECK(error[1] == doctest::Approx(0.4));
    CHECK(error[2] == doctest::Approx(0.75));
}

TEST_CASE("the estimator's error has no gradient where the estimate is exact") {
    const double estimate[48] = {}, target[48] = {}, d_error[3] = {1, 1, 1};
    double d_estimate[48], d_target[48];
    JointGroupErrors::vjp(estimate, target, d_error, d_estimate, d_target);
    for (int i = 0; i < 48; ++i) {
        CHECK(d_estimate[i] == 0);
        CHECK(d_target[i] == 0);
    }
}

TEST_CASE("moving the whole target leaves the estimator's error alone") {
    const auto estimate = column<48>(sampling::normal(48, 1, 0.4), 0), target = column<48>(sampling::poses(1), 0);
    const double d_error[3] = {1, 2, 3};
    double d_estimate[48], d_target[48], sum[3] = {};
    JointGroupErrors::vjp(estimate.rows, target.rows, d_error, d_estimate, d_target);
    for (int i = 0; i < 48; ++i) sum[i % 3] += d_target[i];
    for (double s : sum) CHECK(std::abs(s) < 1e-13);
}

TEST_CASE("a hardness ratio costs outside its band, and an exact estimator nothing") {
    const double harder[3] = {0.3, 0.8, 0.2}, easier[3] = {0.1, 0.1, 0.1}, exact[3] = {0, 0, 0};
    double d_harder[3];
    CHECK(HardnessRatio::value({2, 0.1}, 3.0, harder, easier) == doctest::Approx(0.1 * 25 / 3)); // ratios 3, 8, 2
    HardnessRatio::vjp({2, 0.1}, 3.0, harder, easier, 1.0, d_harder);
    CHECK(d_harder[0] == 0);
    CHECK(d_harder[1] == doctest::Approx(0.1 / 3 * 2 * 5 / 0.1));
    CHECK(HardnessRatio::value({2, 0.1}, 3.0, harder, exact) == 0);
    HardnessRatio::vjp({2, 0.1}, 3.0, harder, exact, 1.0, d_harder);
    for (const double d : d_harder) CHECK(d == 0);
}

TEST_CASE("a pose's loss is the sum of its joints' squared distances, seen from the hip") {
    double estimate[48] = {}, target[48], loss[1];
    for (int i = 0; i < 48; ++i) target[i] = i % 3 + 1; // every joint on the hip
    estimate[3 * 4] = 2;
    estimate[3 * 7 + 2] = -1;
    PoseLoss::value(estimate, target, loss);
    CHECK(loss[0] == doctest::Approx(5));
}

TEST_CASE("the paper's price is |1 - exp(L_augmented - beta L_source)|") {
    const auto price = [](double harder, double easier, double beta, double factor) {
        const double h[1] = {harder}, e[1] = {easier};
        return ExponentialGap::value({factor}, beta, h, e);
    };
    CHECK(price(0.5, 0.1, 3, 0.1) == doctest::Approx(0.1 * (std::exp(0.5 - 3 * 0.1) - 1)));
    CHECK(price(0.1, 0.2, 5, 1) == doctest::Approx(1 - std::exp(0.1 - 5 * 0.2)));
    CHECK(price(0.75, 0.25, 3, 1) == 0);
    CHECK(price(19, 0, 3, 1) == doctest::Approx(std::exp(19.0) - 1));
    CHECK(price(22, 0, 3, 1) == doctest::Approx(3 * std::exp(20.0) - 1)); // the tangent at 20
    CHECK(std::isfinite(price(1e30, 0, 3, 1)));
    CHECK(std::isnan(price(NAN, 0, 3, 1)));
}

TEST_CASE("the paper's price pulls the augmented pose's loss to beta times its source's") {
    const auto slope = [](double harder, double easier) {
        const double h[1] = {harder}, e[1] = {easier};
        double d_harder[1];
        ExponentialGap::vjp({1}, 3.0, h, e, 1.0, d_harder);
        return d_harder[0];
    };
    CHECK(slope(0.5, 0.1) == doctest::Approx(std::exp(0.2)));
    CHECK(slope(0.1, 0.1) == doctest::Approx(-std::exp(-0.2)));
    CHECK(slope(0.75, 0.25) == 0);
    CHECK(slope(1e30, 0) == doctest::Approx(std::exp(20.0)));
}

TEST_CASE("feedback compares each augmented pose with its source, the left estimate with ba and the right with rt") {
    double estimate[48] = {}, pose[48] = {}, estimates[96] = {}, loss[2], unused[48], d_estimates[96], d_ba[48],
           d_rt[48], d_hardness[2];
    const double hardness[2] = {3, 8}, d_loss[2] = {1, 1};
    estimate[3 * 2] = 0.5;       // the right knee, middle: 2 / 5 of it
    estimates[3 * 2] = 3.5;      // seven times as much
    estimates[48 + 3 * 2] = 5.0; // ten times
    const Feedback::Params bands{{1, 0.1}, {1, 0.5}};
    Feedback::value(bands, estimate, pose, estimates, pose, pose, hardness, loss);
    CHECK(loss[0] == doctest::Approx(0.1 / 3 * 16));
    CHECK(loss[1] == doctest::Approx(0.5 / 3 * 4));
    Feedback::vjp(bands, estimate, pose, estimates, pose, pose, hardness, d_loss, unused, unused, d_estimates, d_ba,
                  d_rt, d_hardness);
    CHECK(d_estimates[3 * 2] == doctest::Approx(0.1 / 3 * 2 * 4 / 0.5));
    CHECK(d_ba[3 * 2] == -d_estimates[3 * 2]);
    CHECK(d_ba[0] == d_estimates[3 * 2]); // the hip
    CHECK(d_estimates[48 + 3 * 2] == doctest::Approx(0.5 / 3 * 2 * 2 / 0.5));
    CHECK(d_rt[3 * 2] == -d_estimates[48 + 3 * 2]);
}
