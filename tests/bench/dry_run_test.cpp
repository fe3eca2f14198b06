#include "bench/dry_run.hpp"

#include "bench/dry_run_table.hpp"
#include "engine/grouped_matmul.hpp"
#include "engine/matmul.hpp"
#include "tests/workbench.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace poseaug;
using namespace poseaug::bench;
using test::error_of;

namespace {

/// Calls of one op among some.
std::int64_t calls_of(const std::vector<SentCall>& calls, std::string_view name) {
    return std::ranges::count_if(calls, [&](const SentCall& call) { return call.name == name; });
}

double products(const std::vector<SentCall>& calls) {
    double flops = 0;
    for (const SentCall& call : calls)
        if (call.name == MatMul::name || call.name == GroupedMatMul::name) flops += call.work.flops;
    return flops;
}

} // namespace

TEST_CASE("a dry run counts the steps of every estimator without running them") {
    for (const Estimator& estimator : estimators()) {
        CAPTURE(std::string(estimator.name));
        const TrainingCalls calls = count_calls("cpu", estimator, 32);
        CHECK(calls_of(calls.augmentor, "adam") == 1);
        CHECK(calls_of(calls.augmentor, "append_kept") == 1);
        CHECK(calls_of(calls.discriminators, "adam") == 2);
        CHECK(calls_of(calls.discriminators, "replay_pool") == 2);
        CHECK(calls_of(calls.augmentor, "end_step") == 1);
        CHECK(calls_of(calls.discriminators, "end_step") == 0); // but for its own, with more figures
        CHECK(calls_of(calls.estimator, "adam") == 1);
        CHECK(calls_of(calls.inference, "adam") == 0);
        for (const SentCall& call : calls.augmentor) CHECK(call.phase.starts_with("augmentor"));
        for (const SentCall& call : calls.estimator) CHECK(call.phase.starts_with("estimator"));
        // forward, and backward twice that: only a first layer has no gradient to pass on
        CHECK(products(calls.estimator) > 2.5 * products(calls.inference));
        CHECK(products(calls.estimator) <= 3.0 * products(calls.inference));
    }
}

TEST_CASE("the products of mlp are those of its layers") {
    const double batch = 64, inner = 4.0 * 1024 * 1024, ends = 1024.0 * (32 + 45);
    CHECK(products(count_calls("cpu", find_estimator("mlp"), 64).inference) ==
          doctest::Approx(2 * batch * (inner + ends)));
}

TEST_CASE("the augmentor's trunks and the 3D discriminator's paths are products of groups, layer by layer") {
    const TrainingCalls calls = count_calls("cpu", find_estimator("mlp"), 32);
    const auto count = [&](const std::vector<SentCall>& part, Direction direction) {
        return std::ranges::count_if(part, [&](const SentCall& call) {
            return call.name == GroupedMatMul::name && call.direction == direction;
        });
    };
    constexpr int trunks = 6, paths = 5;                                   // layers
    CHECK(count(calls.augmentor, Direction::value) == trunks + 2 * paths); // of a real and of a fake pose
    CHECK(count(calls.augmentor, Direction::vjp) == trunks + paths);       // of the fake alone
    CHECK(count(calls.discriminators, Direction::value) == paths);         // of both together
    CHECK(count(calls.discriminators, Direction::vjp) == paths);
}

TEST_CASE("an iteration is an augmentor step, half a step of the discriminators, two of the estimator") {
    const TrainingCalls calls = count_calls("cpu", find_estimator("mlp"), 32);
    const DeviceFloor floor{"test", 1e9, 1e12, 1e10, 0};
    const IterationCount count = count_iteration(calls, floor);
    const double expected = static_cast<double>(calls.augmentor.size()) +
                            0.5 * static_cast<double>(calls.discriminators.size()) +
                            2.0 * static_cast<double>(calls.estimator.size());
    CHECK(count.total.calls == doctest::Approx(expected));
    double by_phase = 0, by_op = 0;
    for (const CallCount& phase : count.phases) by_phase += phase.floor_seconds;
    for (const CallCount& op : count.ops) by_op += op.floor_seconds;
    CHECK(count.side_by_side_seconds == doctest::Approx(count.total.floor_seconds)); // the CPU has no branches
    CHECK(calls.both.size() == calls.augmentor.size() + calls.discriminators.size());
    CHECK(by_phase == doctest::Approx(count.total.floor_seconds));
    CHECK(by_op == doctest::Approx(count.total.floor_seconds));
    CHECK(count.inference.calls == static_cast<double>(calls.inference.size()));
}

TEST_CASE("the floor of a call is its memory or its arithmetic, and its launches") {
    const DeviceFloor floor{"test", 100, 1000, 10, 1};
    SentCall call{"project", Direction::value, "", {50, 100}, {}};
    CHECK(floor.seconds(call) == doctest::Approx(5)); // arithmetic
    call.work.bytes = 1000;
    CHECK(floor.seconds(call) == doctest::Approx(10)); // memory
    call.launches.resize(3);
    CHECK(floor.seconds(call) == doctest::Approx(13));
    call.work = {50'000, 1000};
    for (const std::string_view product : {MatMul::name, GroupedMatMul::name}) {
        call.name = product;
        CHECK(floor.seconds(call) == doctest::Approx(53)); // a product's arithmetic
    }
}

TEST_CASE("what is sent beside overlaps from its fork to the join, and shares the chip's memory and arithmetic") {
    const DeviceFloor floor{"test", 100, 1000, 10, 1};
    const auto call = [](double bytes, bool beside, bool rejoined = false) {
        return SentCall{"project", Direction::value, "", {0, bytes}, LaunchLog(10), beside, rejoined};
    };
    const auto main = call(100, false), side = call(200, true), after = call(100, false, true); // 11, 12 and 11 s
    const auto seconds = [&](const std::vector<SentCall>& calls) { return side_by_side_seconds(calls, floor); };
    CHECK(seconds({}) == 0);
    CHECK(seconds({main, main}) == doctest::Approx(22));
    CHECK(seconds({main, side}) == doctest::Approx(11 + 12)); // the fork waits for what was sent before
    CHECK(seconds({side, main}) == doctest::Approx(12));
    CHECK(seconds({side, main, main}) == doctest::Approx(22));
    CHECK(seconds({side, main, side}) == doctest::Approx(12 + 12));
    CHECK(seconds({main, side, main, after, main}) == doctest::Approx(11 + 12 + 22));
    CHECK(seconds({side, after, side, after}) == doctest::Approx(12 + 11 + 12 + 11));
    auto heavy = side, product = side;
    heavy.work.bytes = 5000;
    CHECK(seconds({heavy, heavy}) == doctest::Approx(2 * 60));
    CHECK(seconds({heavy, main, heavy}) == doctest::Approx(2 * 60));
    auto large = main;
    large.work.bytes = 5000;
    CHECK(seconds({heavy, large}) == doctest::Approx(100)); // 60 s each: the memory serves one after the other
    product.name = MatMul::name;
    product.work = {60'000, 0};
    large.work = {600, 0};
    CHECK(seconds({product, large}) == doctest::Approx(120));
}

TEST_CASE("a dry run for a GPU counts launches where the build knows CUDA, and says so where it does not") {
    const Estimator& mlp = find_estimator("mlp");
    if (!built_with_cuda()) {
        CHECK(error_of([&] { count_calls("cuda", mlp, 32); }).find("needs a build with CUDA") != std::string::npos);
        return;
    }
    const TrainingCalls calls = count_calls("cuda", mlp, 32);
    CHECK(calls.augmentor.size() > count_calls("cpu", mlp, 32).augmentor.size()); // weights' gradients apart
    for (const SentCall& call : calls.estimator) {
        CAPTURE(std::string(call.name));
        CHECK(!call.launches.empty());
    }
    const IterationCount count = count_iteration(calls, h200_floor("tf32"));
    CHECK(count.total.launches >= count.total.calls);
    CHECK(!count.kernels.empty());
    CHECK(count.side_by_side_seconds < 0.9 * count.total.floor_seconds);
    const std::string text = dry_run_table(mlp, 32, count, h200_floor("tf32"));
    CHECK(text.find("block_kernel<") != std::string::npos);
    CHECK(text.find("discriminators, backward") != std::string::npos);
}

TEST_CASE("a device that runs dry is the CPU or a GPU") {
    CHECK(error_of([] { open_dry_device("tpu"); }).find("not of 'tpu'") != std::string::npos);
    CHECK(open_dry_device("cpu")->is_dry());
    CHECK_FALSE(open_device({.kind = "cpu", .threads = 1})->is_dry());
}
