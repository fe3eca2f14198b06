#include "tests/training/twenty_iterations.hpp"

// The same training on two devices, and recorded or not. On a GPU these ask of graphs, products and kernels together
// what the tests of each ask alone; on the CPU they show that the comparisons would notice.

using namespace poseaug;
using test::largest_relative_difference;
using test::TwentyIterations;

namespace {

test::Remains<double> in_float64(Device& device, const TwentyIterations& how) {
    return test::run<double, test::CarriedDecisions<double>>(device, how);
}
test::Remains<float> in_float32(Device& device, const TwentyIterations& how) {
    return test::run<float, PhiloxDecisions<float>>(device, how);
}

} // namespace

TEST_CASE("twenty iterations in float64 are the same on every device, with the same random decisions") {
    constexpr double tolerance = 1e-6;
    const auto reference = open_device({.kind = "cpu", .threads = 1});
    for (const Estimator& estimator : estimators()) {
        CAPTURE(std::string(estimator.name));
        const auto expected = in_float64(*reference, {estimator});
        for (const auto& device : test::devices()) {
            CAPTURE(device->name());
            const double worst = largest_relative_difference(in_float64(*device, {estimator}), expected);
            MESSAGE(std::string(estimator.name), " on ", device->name(), " is off by ", worst);
            CHECK(worst < tolerance);
            if (!device->is_cuda()) CHECK(worst == 0);
        }
        // what another order of sums does, a change in the last digits of the weights, stays far below the tolerance
        const double rounding = largest_relative_difference(
            in_float64(*reference, {.estimator = estimator, .perturbation = 1e-15}), expected);
        MESSAGE(std::string(estimator.name), ": rounding makes ", rounding);
        CHECK(rounding > 0);
        CHECK(rounding < 0.1 * tolerance);
        CHECK(largest_relative_difference(in_float64(*reference, {estimator, 2}), expected) > 1e-2);
    }
}

TEST_CASE("twenty recorded and replayed iterations are twenty run directly, bit for bit") {
    for (const auto& device : test::devices())
        for (const Estimator& estimator : estimators()) {
            CAPTURE(std::string(estimator.name));
            CAPTURE(device->name());
            const auto direct = in_float32(*device, {.estimator = estimator, .replayed = false});
            CHECK(in_float32(*device, {.estimator = estimator, .replayed = true}) == direct);
            CHECK(largest_relative_difference(direct, direct) == 0); // and not NaN
            CHECK(in_float32(*device, {.estimator = estimator, .perturbation = 1e-6}) != direct);
        }
}

TEST_CASE("twenty iterations whose branches run side by side, at the earliest or the latest, are those in order") {
    for (const auto& device : test::devices())
        for (const Estimator& estimator : estimators()) {
            CAPTURE(std::string(estimator.name));
            CAPTURE(device->name());
            const TwentyIterations in_order{.estimator = estimator, .branches = Branches::in_order};
            const auto expected = in_float32(*device, in_order);
            const auto expected_64 = in_float64(*device, in_order);
            for (const bool replayed : {false, true})
                for (const Branches how : {Branches::side_by_side, Branches::held_back}) {
                    CAPTURE(replayed);
                    CAPTURE(static_cast<int>(how));
                    const TwentyIterations apart{.estimator = estimator, .replayed = replayed, .branches = how};
                    CHECK(in_float32(*device, apart) == expected);
                    CHECK(in_float64(*device, apart) == expected_64);
                }
        }
}
