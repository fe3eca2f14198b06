#include "engine/steps.hpp"

#include "kernels/pose/losses.hpp"
#include "models/scope.hpp"
#include "tests/workbench.hpp"

using namespace poseaug;
using test::Workbench;

namespace {

/// Six steps of a small training whose data, dropout and rate all move with the step; the parameters after each.
std::vector<std::vector<float>> train(Device& device, bool repeated) {
    Workbench<float> bench(device);
    Arena scratch(device, std::size_t{1} << 20);
    Layout layout;
    add_dense(layout, "hidden", 6, 16);
    add_norm(layout, "norm", 16);
    add_dense(layout, "out", 16, 1);
    Network<float> network(device, layout);
    network.initialise(3);
    network.set_rate(0.01);
    StepClock clock(device);
    clock.begin_pass();
    const auto step = [&] {
        scratch.rewind();
        Tape<float> tape(bench.stream, scratch);
        Call<float> draw;
        draw.attributes = Attributes::of(NormalDraws{{5, clock.state(), 0}});
        draw.out[0] = tape.matrix(6, 40);
        bench.stream.run(normal_draws_procedure(), draw);
        Scope<float> scope(tape, network, {true, true, 0.25, 1, {5, clock.state(), 8}});
        const Var hidden =
            scope.linear_norm("hidden", "norm", tape.constant(draw.out[0]), {.slope = 0, .dropout = 0.25});
        tape.apply<LeastSquares>({scope.linear("out", hidden)}, {1.0});
        tape.backward();
        network.adam_step(bench.stream, scratch, {.decay = 0.9, .decay_steps = 2});
        clock.advance(bench.stream);
    };
    RepeatedStep<float> plan;
    std::vector<std::vector<float>> after;
    for (int i = 0; i < 6; ++i) {
        if (repeated) plan.run(bench.stream, step);
        else step();
        clock.stepped();
        after.push_back(network.values().download());
    }
    if (repeated) CHECK(plan.size() > 10);
    return after;
}

} // namespace

TEST_CASE("a recorded step replayed does what the step itself does, bit for bit") {
    for (const auto& device : test::devices()) {
        const auto direct = train(*device, false), replayed = train(*device, true);
        CHECK(replayed == direct);
        for (std::size_t i = 1; i < direct.size(); ++i) CHECK(direct[i] != direct[i - 1]);
    }
}

TEST_CASE("a step that fails while it is recorded leaves the stream fit for use") {
    for (const auto& device : test::devices()) {
        Stream<float> stream(*device);
        StepClock clock(*device);
        CHECK_THROWS_AS(stream.record([] { throw Error("no"); }), Error);
        clock.advance(stream);
        std::vector<StepState> state(1);
        device->download(state.data(), clock.state(), sizeof(StepState));
        CHECK(state[0].counter == 1);
        CHECK(stream.record([&] { clock.advance(stream); }).size() == 1);
    }
}

TEST_CASE("the clock's counter runs on through passes, its batch starts anew") {
    for (const auto& device : test::devices()) {
        Stream<float> stream(*device);
        StepClock clock(*device);
        const auto state = [&] {
            StepState s;
            device->download(&s, clock.state(), sizeof s);
            return s;
        };
        for (int i = 0; i < 3; ++i) {
            clock.advance(stream);
            clock.stepped();
        }
        CHECK(state().counter == 3);
        CHECK(state().batch == 3);
        clock.begin_pass();
        CHECK(state().counter == 3);
        CHECK(state().batch == 0);
        clock.set_counter(1ULL << 40);
        CHECK(state().counter == 1ULL << 40);
        CHECK(clock.counter() == 1ULL << 40);
    }
}
