#include "training/random_decisions.hpp"

#include "tests/workbench.hpp"

#include <set>

using namespace poseaug;
using test::Workbench;

TEST_CASE("every random decision is drawn from a stream of its own") {
    for (const auto& device : test::devices()) {
        Workbench<double> bench(*device);
        StepClock clock(*device);
        PhiloxDecisions<double> random(*device, 1, clock.state());
        constexpr int n = 200;
        std::set<std::vector<std::int32_t>> orders;
        DeviceArray<std::int32_t> order(*device, n);
        for (const int epoch : {1, 2, 256, 257})
            for (const Order which :
                 {Order::source, Order::real_3d, Order::real_2d, Order::augmented, Order::original}) {
                random.order(which, epoch, order.data(), n);
                CHECK(orders.insert(order.download()).second);
            }
        std::set<std::vector<std::int32_t>> swaps;
        for (const int epoch : {1, 2, 257}) {
            random.swap(epoch, order.data(), n, 5);
            CHECK(swaps.insert(order.download()).second);
        }
        std::set<std::vector<double>> draws;
        for (int step = 0; step < 2; ++step) {
            const auto noise = bench.arena.matrix<double>(4 * 8, n);
            random.noise(bench.stream, noise);
            for (int q = 0; q < 4; ++q) CHECK(draws.insert(bench.get(noise.slice(8 * q, 2))).second);
            for (int q = 0; q < 2; ++q) {
                const auto to = bench.arena.matrix<double>(2, n);
                random.pool(bench.stream, q, 4096, to);
                CHECK(draws.insert(bench.get(to)).second);
            }
            clock.advance(bench.stream);
        }
    }
}

TEST_CASE("what a step draws depends on its counter alone, not on what was drawn before") {
    for (const auto& device : test::devices()) {
        Workbench<double> bench(*device);
        const auto noise_of = [&](std::uint64_t counter, int draws_before) {
            StepClock clock(*device);
            PhiloxDecisions<double> random(*device, 1, clock.state());
            const auto to = bench.arena.matrix<double>(16, 10);
            for (int i = 0; i < draws_before; ++i) random.noise(bench.stream, to);
            clock.set_counter(counter);
            random.noise(bench.stream, to);
            return bench.get(to);
        };
        CHECK(noise_of(7, 0) == noise_of(7, 5));
        CHECK(noise_of(7, 0) != noise_of(8, 0));
    }
}
