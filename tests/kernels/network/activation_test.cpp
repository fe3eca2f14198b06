#include "kernels/network/ops.hpp"
#include "tests/workbench.hpp"

using namespace poseaug;
using test::Workbench;

TEST_CASE("bias, residual and activation by hand") {
    for (const auto& device : test::devices()) {
        Workbench<double> bench(*device);
        const Op& op = find_op(BiasActivation::name);
        const auto x = bench.put(2, 3, {1, -2, 3, -4, 5, -6}), bias = bench.put(2, 1, {0.5, -0.5}),
                   residual = bench.filled(2, 3, 1);
        const auto run = [&](double slope, View<double> b, View<double> r) {
            return bench.get(bench.run(op, Attributes::of(BiasActivation{slope}), {x, b, r})[0]);
        };
        CHECK(run(1, bias, {}) == std::vector<double>{1.5, -1.5, 3.5, -4.5, 4.5, -6.5});
        CHECK(run(0, bias, {}) == std::vector<double>{1.5, 0, 3.5, 0, 4.5, 0});
        CHECK(run(0.5, bias, residual) == std::vector<double>{2.5, -0.25, 4.5, -1.75, 5.5, -2.75});
        CHECK(run(0.5, {}, {}) == std::vector<double>{1, -1, 3, -2, 5, -3});
    }
}

TEST_CASE("tanh") {
    for (const auto& device : test::devices()) {
        Workbench<double> bench(*device);
        const auto y = bench.get(bench.run(find_op(Tanh::name), {}, {bench.put(1, 4, {0, 0.5, -100, 100})})[0]);
        CHECK(test::largest_difference(y, {0, std::tanh(0.5), -1, 1}) < 1e-15);
    }
}
