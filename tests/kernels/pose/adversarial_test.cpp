#include "kernels/pose/augmentor_loss.hpp"

#include <doctest/doctest.h>

using namespace poseaug;

TEST_CASE("the augmentor pays for fakes that do not score 1") {
    const double fake_3d[5] = {0, 1, 2, 3, 1}, real_3d[5] = {1, 0, 0, 0, 0}, fake_2d[1] = {3}, real_2d[1] = {0.5};
    const double angles[15] = {}, ratios[9] = {}, d_loss[4] = {1, 2, 0, 0};
    double loss[4], d_3d[5], d_2d[1], unused_3d[5], unused_2d[1], d_angles[15], d_ratios[9];
    const AugmentorLoss::Params params{6, 4, 3, {}, {}};
    AugmentorLoss::value(params, fake_3d, real_3d, fake_2d, real_2d, angles, ratios, loss);
    CHECK(loss[0] == doctest::Approx(0.5 * ((1 + 0 + 1 + 4 + 0) / 5.0 + 1 / 5.0)));
    CHECK(loss[1] == doctest::Approx(0.5 * (4 + 0.25)));
    AugmentorLoss::vjp(params, fake_3d, real_3d, fake_2d, real_2d, angles, ratios, d_loss, d_3d, unused_3d, d_2d,
                       unused_2d, d_angles, d_ratios);
    CHECK(d_3d[3] == doctest::Approx(0.4));
    CHECK(d_2d[0] == doctest::Approx(4));
    const double weights[4] = {6, 4, 3, 3};
    for (int row = 0; row < 4; ++row) CHECK(AugmentorLoss::weight(params, row) == weights[row]);
}

TEST_CASE("a discriminator pays for fakes that do not score 0 and real poses that do not score 1") {
    const double scores[10] = {0, 0.25, 0.5, -0.75, 0, /* real */ 1, 1.25, 0.5, 2, 1}, d_loss[3] = {1, 0, 0};
    double loss[3], d_scores[10];
    DiscriminatorLoss<5>::value({}, scores, loss);
    CHECK(loss[0] == doctest::Approx(0.5 * ((0.0625 + 0.25 + 0.5625) / 5 + (0.0625 + 0.25 + 1) / 5)));
    CHECK(loss[1] == doctest::Approx(3.0 / 5)); // half way is not near
    CHECK(loss[2] == doctest::Approx(3.0 / 5));
    DiscriminatorLoss<5>::vjp({}, scores, d_loss, d_scores);
    CHECK(d_scores[3] == doctest::Approx(-0.75 / 5));
    CHECK(d_scores[8] == doctest::Approx(1.0 / 5));
    CHECK(DiscriminatorLoss<5>::weight({2}, 0) == 2);
    CHECK(DiscriminatorLoss<5>::weight({2}, 1) == 0); // shares teach nothing
}
