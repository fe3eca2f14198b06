#include "kernels/step/procedures.hpp"
#include "tests/workbench.hpp"

using namespace poseaug;
using test::Workbench;

namespace {

std::vector<double> normal_draws(Workbench<float>& bench, int rows, int cols, const RandomKey& key) {
    Call<float> call;
    call.attributes = Attributes::of(NormalDraws{key});
    call.out[0] = bench.arena.matrix<float>(rows, cols);
    bench.stream.run(normal_draws_procedure(), call);
    return bench.get(call.out[0]);
}

double mean_of(const std::vector<double>& a, const std::vector<double>& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
    return sum / static_cast<double>(a.size());
}

} // namespace

TEST_CASE("normal draws are normal, and independent of each other") {
    for (const auto& device : test::devices()) {
        Workbench<float> bench(*device);
        DeviceArray<StepState> state(*device, {StepState{3, 0, 0}}), next(*device, {StepState{4, 0, 0}});
        constexpr int rows = 50, cols = 4000;
        const auto draws = normal_draws(bench, rows, cols, {1, state.data(), 2});
        const std::vector<double> ones(draws.size(), 1);
        std::vector<double> squares, fourth;
        int beyond_two = 0;
        for (const double v : draws) {
            squares.push_back(v * v);
            beyond_two += std::abs(v) > 2 ? 1 : 0;
        }
        // five standard errors of 200,000 draws
        CHECK(std::abs(mean_of(draws, ones)) < 5 / std::sqrt(2e5));
        CHECK(std::abs(mean_of(squares, ones) - 1) < 5 * std::sqrt(2 / 2e5));
        CHECK(std::abs(mean_of(squares, squares) - 3) < 5 * std::sqrt(96 / 2e5));
        CHECK(beyond_two / 2e5 == doctest::Approx(0.0455).epsilon(0.06));
        std::vector<double> shifted(draws.begin() + cols, draws.end()); // the row below, the draw's pair in its block
        shifted.resize(draws.size());
        CHECK(std::abs(mean_of(draws, shifted)) < 5 / std::sqrt(2e5));
        for (const RandomKey& other : {RandomKey{2, state.data(), 2}, {1, next.data(), 2}, {1, state.data(), 3}})
            CHECK(std::abs(mean_of(draws, normal_draws(bench, rows, cols, other))) < 5 / std::sqrt(2e5));
        CHECK(normal_draws(bench, rows, cols, {1, state.data(), 2}) == draws);
    }
}

TEST_CASE("an item's draws do not depend on the batch's size") {
    for (const auto& device : test::devices()) {
        Workbench<float> bench(*device);
        const auto large = normal_draws(bench, 6, 700, {1, nullptr, 2}),
                   small = normal_draws(bench, 6, 3, {1, nullptr, 2});
        for (std::size_t r = 0; r < 6; ++r)
            for (std::size_t c = 0; c < 3; ++c) CHECK(small[r * 3 + c] == large[r * 700 + c]);
    }
}

TEST_CASE("a pool's draws: a fair coin and an even slot") {
    for (const auto& device : test::devices()) {
        Workbench<double> bench(*device);
        constexpr int capacity = 10, n = 20'000;
        Call<double> call;
        call.attributes = Attributes::of(PoolDraws{{1, nullptr, 8}, capacity});
        call.out[0] = bench.arena.matrix<double>(2, n);
        bench.stream.run(pool_draws_procedure(), call);
        const auto draws = bench.get(call.out[0]);
        int heads = 0;
        std::vector<int> slots(capacity);
        for (std::size_t i = 0; i < n; ++i) {
            REQUIRE((draws[i] >= 0 && draws[i] < 1));
            heads += draws[i] > 0.5 ? 1 : 0;
            ++slots.at(static_cast<std::size_t>(draws[n + i]));
        }
        CHECK(std::abs(heads - n / 2) < 5 * std::sqrt(n / 4.0));
        for (const int count : slots) CHECK(std::abs(count - n / capacity) < 5 * std::sqrt(n / 10.0));
    }
}

TEST_CASE("fill, and the end of a step without figures") {
    for (const auto& device : test::devices()) {
        Workbench<double> bench(*device);
        Call<double> fill;
        fill.attributes = Attributes::of(Fill{2.5});
        fill.out[0] = bench.filled(3, 5, 0);
        bench.stream.run(fill_procedure(), fill);
        CHECK(bench.get(fill.out[0]) == std::vector<double>(15, 2.5));
        DeviceArray<StepState> state(*device, {StepState{0xffffffff, 4, 0}});
        Call<double> end;
        end.attributes = Attributes::of(EndStep{nullptr, nullptr, state.data()});
        bench.stream.run(end_step_procedure(), end);
        CHECK(state.download()[0].counter == 0x100000000);
        CHECK(state.download()[0].batch == 5);
    }
}
