#include "kernels/pose/adversarial.hpp"

#include <doctest/doctest.h>

using namespace poseaug;

TEST_CASE("the augmentor pays for fakes that do not score 1") {
    const double fake[5] = {0, 1, 2, 3, 1}, real[5] = {1, 0, 0, 0, 0}, one[1] = {1};
    double loss[1], d_fake[5], unused[5];
    AdversarialLoss<5>::value({6}, fake, real, loss);
    CHECK(loss[0] == doctest::Approx(0.5 * ((1 + 0 + 1 + 4 + 0) / 5.0 + 1 / 5.0)));
    AdversarialLoss<5>::vjp({6}, fake, real, one, d_fake, unused);
    CHECK(d_fake[3] == doctest::Approx(0.4));
    CHECK(AdversarialLoss<5>::weight({6}, 0) == 6);
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
