#include "kernels/pose/losses.hpp"

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
    const double scores[5] = {0, 1, 2, 3, 1}, label[5] = {1, 1, 1, 1, 1};
    double loss[1], d[5];
    LeastSquares<5>::value({1}, scores, loss);
    CHECK(loss[0] == doctest::Approx((1 + 0 + 1 + 4 + 0) / 5.0));
    LeastSquares<5>::value({1}, label, loss);
    CHECK(loss[0] == 0);
    const double one[1] = {1};
    LeastSquares<5>::vjp({1}, scores, one, d);
    CHECK(d[3] == doctest::Approx(0.8));
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
    double angles[15] = {3.0}, ratios[9] = {0.3, -0.3, 0.05}, loss[1]; // mean angle 0.2
    PoseMeanOutsideRange::value({0.205, 0.165}, angles, loss);
    CHECK(loss[0] == 0);
    PoseMeanOutsideRange::value({0.7, 0.1}, angles, loss);
    CHECK(loss[0] == doctest::Approx(0.25));
    OutsideRange<9>::value({0, 0.1}, ratios, loss);
    CHECK(loss[0] == doctest::Approx(2 * 0.09 / 9));
}

TEST_CASE("the estimator's error weighs joints and averages groups") {
    double estimate[48] = {}, target[48] = {}, error[3];
    for (int j = 0; j < kJoints; ++j) target[3 * j] = 1.5; // every joint on the hip
    estimate[3 * 1] = 1;                                   // proximal, weight 5, group of four
    estimate[3 * 9 + 1] = 2;                               // head: middle, weight 1, group of five
    estimate[3 * 6 + 2] = -3;                              // foot: distal, weight 1, group of four
    estimate[3 * 8] = 100;                                 // thorax: in no group
    EstimatorError::value({}, estimate, target, error);
    CHECK(error[0] == doctest::Approx(1.25));
    CHECK(error[1] == doctest::Approx(0.4));
    CHECK(error[2] == doctest::Approx(0.75));
}

TEST_CASE("the estimator's error has no gradient where the estimate is exact") {
    const double estimate[48] = {}, target[48] = {}, d_error[3] = {1, 1, 1};
    double d_estimate[48], d_target[48];
    EstimatorError::vjp({}, estimate, target, d_error, d_estimate, d_target);
    for (int i = 0; i < 48; ++i) {
        CHECK(d_estimate[i] == 0);
        CHECK(d_target[i] == 0);
    }
}

TEST_CASE("moving the whole target leaves the estimator's error alone") {
    const auto estimate = column<48>(sampling::normal(48, 1, 0.4), 0), target = column<48>(sampling::poses(1), 0);
    const double d_error[3] = {1, 2, 3};
    double d_estimate[48], d_target[48], sum[3] = {};
    EstimatorError::vjp({}, estimate.rows, target.rows, d_error, d_estimate, d_target);
    for (int i = 0; i < 48; ++i) sum[i % 3] += d_target[i];
    for (double s : sum) CHECK(std::abs(s) < 1e-13);
}

TEST_CASE("feedback pays for a hardness ratio outside its band, and survives an exact estimator") {
    const double harder[3] = {0.3, 0.8, 0.2}, easier[3] = {0.1, 0.1, 0.1}, exact[3] = {0, 0, 0}, one[1] = {1};
    double loss[1], d_harder[3], d_easier[3];
    Feedback::value({3, 2, 0.1}, harder, easier, loss); // ratios 3, 8, 2
    CHECK(loss[0] == doctest::Approx(0.1 * 25 / 3));
    Feedback::value({3, 2, 0.1}, harder, exact, loss);
    CHECK(loss[0] == 0);
    Feedback::vjp({3, 2, 0.1}, harder, exact, one, d_harder, d_easier);
    for (int g = 0; g < 3; ++g) {
        CHECK(d_harder[g] == 0);
        CHECK(d_easier[g] == 0);
    }
}

TEST_CASE("a pose's loss is the sum of its joints' squared distances, seen from the hip") {
    double estimate[48] = {}, target[48], loss[1];
    for (int i = 0; i < 48; ++i) target[i] = i % 3 + 1; // every joint on the hip
    estimate[3 * 4] = 2;
    estimate[3 * 7 + 2] = -1;
    PoseLoss::value({}, estimate, target, loss);
    CHECK(loss[0] == doctest::Approx(5));
}

TEST_CASE("the paper's feedback is |1 - exp(L_augmented - beta L_source)|") {
    const auto feedback = [](double harder, double easier, ExponentialFeedback::Params params) {
        const double h[1] = {harder}, e[1] = {easier};
        double loss[1];
        ExponentialFeedback::value(params, h, e, loss);
        return loss[0];
    };
    CHECK(feedback(0.5, 0.1, {3, 0.1}) == doctest::Approx(0.1 * (std::exp(0.5 - 3 * 0.1) - 1)));
    CHECK(feedback(0.1, 0.2, {5, 1}) == doctest::Approx(1 - std::exp(0.1 - 5 * 0.2)));
    CHECK(feedback(0.75, 0.25, {3, 1}) == 0);
    CHECK(feedback(19, 0, {3, 1}) == doctest::Approx(std::exp(19.0) - 1));
    CHECK(feedback(22, 0, {3, 1}) == doctest::Approx(3 * std::exp(20.0) - 1)); // the tangent at 20
    CHECK(std::isfinite(feedback(1e30, 0, {3, 1})));
    CHECK(std::isnan(feedback(NAN, 0, {3, 1})));
}

TEST_CASE("the paper's feedback pulls the augmented pose's loss to beta times its source's") {
    const auto slope = [](double harder, double easier) {
        const double h[1] = {harder}, e[1] = {easier}, one[1] = {1};
        double d_harder[1], d_easier[1];
        ExponentialFeedback::vjp({3, 1}, h, e, one, d_harder, d_easier);
        CHECK(d_easier[0] == -3 * d_harder[0]);
        return d_harder[0];
    };
    CHECK(slope(0.5, 0.1) == doctest::Approx(std::exp(0.2)));
    CHECK(slope(0.1, 0.1) == doctest::Approx(-std::exp(-0.2)));
    CHECK(slope(0.75, 0.25) == 0);
    CHECK(slope(1e30, 0) == doctest::Approx(std::exp(20.0)));
}
