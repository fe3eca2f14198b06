#include "training/estimator_fit.hpp"

#include "tests/training/tiny.hpp"

#include <numeric>

using namespace poseaug;
using test::TinyData;

namespace {

struct Fit {
    Stream<float> stream;
    Arena arena;
    StepClock clock;
    PhiloxDecisions<float> random;
    Network<float> network;
    ResidentPoses<float> data;
    EstimatorFit<float> fit;
    DeviceArray<std::int32_t> order;

    Fit(Device& device, const TinyData& from, double dropout, int batch = 16)
        : stream(device), arena(device, std::size_t{1} << 20), clock(device), random(device, 1, clock.state()),
          network(device, find_estimator("mlp").layout(32)), data(from.on<float>(device)),
          fit(stream, arena, clock, random, find_estimator("mlp"), network, batch, dropout, {}),
          order(device, data.count) {
        network.initialise(1);
        network.set_rate(3e-3);
        std::vector<std::int32_t> all(static_cast<std::size_t>(data.count));
        std::iota(all.begin(), all.end(), 0);
        order.upload(all);
    }
    double pass(std::int64_t count) { return fit.pass(data.image, data.joints, order, count, "the only pass"); }
};

} // namespace

TEST_CASE("an estimator learns the poses it is shown") {
    for (const auto& device : test::devices()) {
        Fit fit(*device, TinyData(48), 0.0);
        const double first = fit.pass(48);
        double last = first;
        for (int i = 0; i < 60; ++i) last = fit.pass(48);
        CHECK(first > 0);
        CHECK(last < 0.5 * first);
        CHECK(fit.network.adam_state().step == 61 * 3);
        CHECK(fit.clock.counter() == 61 * 3);
    }
}

TEST_CASE("a pass takes whole batches, then what is left, but never a batch of one") {
    const auto device = open_device({.kind = "cpu", .threads = 1});
    for (const auto& [count, steps] : {std::pair{32, 2}, {33, 2}, {34, 3}, {1, 0}, {0, 0}}) {
        Fit fit(*device, TinyData(48), 0.25);
        std::vector<std::int64_t> done;
        fit.fit.pass(fit.data.image, fit.data.joints, fit.order, count, "a pass",
                     [&](std::int64_t i, std::int64_t) { done.push_back(i); });
        CHECK(fit.network.adam_state().step == steps);
        CHECK(static_cast<int>(done.size()) == steps);
    }
}

TEST_CASE("a loss that is not finite is named with the pass and the step") {
    const auto device = open_device({.kind = "cpu", .threads = 1});
    TinyData data(48);
    data.joints[48 * 20 + 7] = NAN; // in the second batch
    Fit fit(*device, data, 0.0);
    CHECK(test::contains(test::error_of([&] { fit.pass(48); }),
                         "estimator_loss is not finite in step 2 of the only pass"));
}

TEST_CASE("a step on a thousand and one copies of a batch is the step on the batch") {
    constexpr int poses = 33, copies = 1001;
    const auto device = open_device({.kind = "cpu", .threads = 2});
    const TinyData few(poses);
    TinyData many = few;
    for (int i = 1; i < copies; ++i)
        for (auto part : {&TinyData::joints, &TinyData::image, &TinyData::camera})
            (many.*part).insert((many.*part).end(), (few.*part).begin(), (few.*part).end());
    Fit one(*device, few, 0.0, poses), all(*device, many, 0.0, poses * copies);
    const double loss = one.pass(poses);
    CHECK(all.pass(std::int64_t{poses} * copies) == doctest::Approx(loss).epsilon(1e-5));
    CHECK(all.network.adam_state().step == 1);
    const auto found = all.network.statistics().download(), expected = one.network.statistics().download();
    for (std::size_t i = 0; i < found.size(); ++i) // the variance's n / (n - 1) differs
        CHECK(found[i] == doctest::Approx(expected[i]).epsilon(0.01).scale(0.1));
    // Adam's first step takes the sign of a gradient; where that is rounding alone the step may go either way
    const auto values = all.network.values().download(), wanted = one.network.values().download();
    std::size_t off = 0;
    for (std::size_t i = 0; i < values.size(); ++i) off += std::abs(values[i] - wanted[i]) > 1e-4F ? 1 : 0;
    CHECK(off < values.size() / 50);
}
