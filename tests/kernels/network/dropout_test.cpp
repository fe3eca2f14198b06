#include "kernels/network/ops.hpp"
#include "tests/workbench.hpp"

using namespace poseaug;
using test::Workbench;

TEST_CASE("dropout keeps its share of elements, scales them, and lets the same gradients through") {
    for (const auto& device : test::devices()) {
        constexpr int rows = 100, cols = 500;
        constexpr double rate = 0.3, n = rows * cols;
        Workbench<double> bench(*device);
        DeviceArray<StepState> state(*device, {StepState{12, 0, 0}}), next(*device, {StepState{13, 0, 0}});
        const auto drop = [&](const RandomKey& key) {
            Tape<double> tape(bench.stream, bench.arena);
            const Var x = tape.variable(bench.filled(rows, cols, 1)), y = tape.apply<Dropout>({x}, {rate, key});
            tape.backward({{y, bench.filled(rows, cols, 1)}});
            const auto value = bench.get(tape.value(y));
            CHECK(bench.get(tape.gradient(x)) == value);
            return value;
        };
        const auto y = drop({1, state.data(), 4});
        int kept = 0, agree = 0;
        for (const double v : y) {
            CHECK((v == 0 || v == doctest::Approx(1 / (1 - rate))));
            kept += v > 0 ? 1 : 0;
        }
        CHECK(std::abs(kept - (1 - rate) * n) < 5 * std::sqrt(n * rate * (1 - rate)));
        CHECK(drop({1, state.data(), 4}) == y);
        for (const RandomKey& other : {RandomKey{2, state.data(), 4}, {1, next.data(), 4}, {1, state.data(), 5}}) {
            const auto z = drop(other);
            agree = 0;
            for (std::size_t i = 0; i < z.size(); ++i) agree += z[i] == y[i] ? 1 : 0;
            const double chance = rate * rate + (1 - rate) * (1 - rate);
            CHECK(std::abs(agree - chance * n) < 5 * std::sqrt(n * chance * (1 - chance)));
        }
        // neighbours, in a row and in a column, are independent
        int both = 0, above = 0;
        for (std::size_t i = cols; i < y.size(); ++i) {
            both += y[i] > 0 && y[i - 1] > 0 ? 1 : 0;
            above += y[i] > 0 && y[i - cols] > 0 ? 1 : 0;
        }
        for (const int count : {both, above})
            CHECK(count / (n - cols) == doctest::Approx((1 - rate) * (1 - rate)).epsilon(0.03));
    }
}
