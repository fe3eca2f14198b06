#include "engine/tape.hpp"

#include "engine/matmul.hpp"
#include "kernels/network/ops.hpp"
#include "kernels/pose/losses.hpp"
#include "models/scope.hpp"
#include "tests/workbench.hpp"

using namespace poseaug;
using test::contains;
using test::error_of;
using test::Workbench;

TEST_CASE("a tensor used several times gathers all its gradients") {
    for (const auto& device : test::devices()) {
        Workbench<double> bench(*device);
        const std::vector<double> x = {0.5, -1.0, 2.0, 0.1};
        Tape<double> tape(bench.stream, bench.arena);
        const Var v = tape.variable(bench.put(1, 4, x));
        const Var t = tape.apply<Tanh>({v});
        tape.apply<LeastSquares>({t}, {0.3, 2});
        tape.apply<LeastSquares>({v}, {1.0, 3});
        tape.apply<LeastSquares>({tape.apply<BiasActivation>({t}, {0.5})}, {0.0, 0.5});
        tape.backward();
        std::vector<double> expected;
        for (const double a : x) {
            const double y = std::tanh(a), slope = y > 0 ? 1.0 : 0.5;
            const double d_y = 2 * 2.0 / 4 * (y - 0.3) + 0.5 * 2.0 / 4 * slope * slope * y;
            expected.push_back(d_y * (1 - y * y) + 3 * 2.0 / 4 * (a - 1));
        }
        CHECK(test::largest_difference(bench.get(tape.gradient(v)), expected) < 1e-14);
    }
}

TEST_CASE("gradients flow only where they are asked for") {
    const auto device = open_device({.kind = "cpu", .threads = 1});
    Workbench<double> bench(*device);
    Tape<double> tape(bench.stream, bench.arena);
    const Var constant = tape.constant(bench.normal(2, 3, 1)), asked = tape.variable(bench.normal(3, 5, 2));
    const Var untouched = tape.apply<Tanh>({constant});
    const Var product = tape.apply<MatMul>({constant, asked});
    CHECK_FALSE(tape.wants_gradient(untouched));
    CHECK(tape.wants_gradient(product));
    tape.backward({{product, bench.normal(2, 5, 3)}});
    CHECK_FALSE(tape.gradient(constant));
    CHECK_FALSE(tape.gradient(untouched));
    CHECK(tape.gradient(asked));
}

TEST_CASE("statistics that an op returns pass no gradient on") {
    const auto device = open_device({.kind = "cpu", .threads = 1});
    Workbench<double> bench(*device);
    Tape<double> tape(bench.stream, bench.arena);
    const Var x = tape.variable(bench.normal(3, 8, 1));
    const auto one = [&] { return tape.constant(bench.filled(3, 1, 1)); };
    const Op& norm = find_op(BatchNorm::name);
    const auto out = tape.apply_all(norm, {x, one(), one()}, Attributes::of(BatchNorm{}),
                                    {bench.filled(3, 1, 0), bench.filled(3, 1, 1)});
    CHECK(tape.wants_gradient(out[0]));
    CHECK_FALSE(tape.wants_gradient(out[1]));
    CHECK_FALSE(tape.wants_gradient(out[2]));
}

TEST_CASE("parameters: gradients are stored, not added, and zero where the loss does not reach") {
    for (const auto& device : test::devices()) {
        Workbench<double> bench(*device);
        const auto value = bench.normal(2, 3, 1), gradient = bench.filled(2, 3, 7), idle = bench.filled(4, 1, 7);
        std::vector<double> seen;
        for (int step = 0; step < 2; ++step) {
            Tape<double> tape(bench.stream, bench.arena);
            const Var w = tape.parameter(value, gradient);
            tape.parameter(bench.filled(4, 1, 1), idle);
            tape.backward({{tape.apply<MatMul>({w, tape.constant(bench.filled(3, 2, 1))}), bench.filled(2, 2, 0.5)}});
            CHECK(bench.get(gradient) == std::vector<double>(6, 1.0));
            CHECK(bench.get(idle) == std::vector<double>(4, 0.0));
        }
    }
}

TEST_CASE("a loss leaves the gradients of its weighted value with its inputs, and adds to those of other losses") {
    for (const auto& device : test::devices()) {
        Workbench<double> bench(*device);
        Tape<double> tape(bench.stream, bench.arena);
        const auto values = bench.put(1, 2, {3, 5});
        const Var x = tape.variable(values), constant = tape.constant(values);
        const Var loss = tape.apply<LeastSquares>({x}, {1.0, 4.0}), same = tape.apply<LeastSquares>({constant}, {1.0});
        CHECK(bench.get(tape.value(loss)) == std::vector<double>{10}); // the weight is for the gradient alone
        CHECK(bench.get(tape.value(same)) == std::vector<double>{10});
        CHECK_FALSE(tape.wants_gradient(loss));
        CHECK_FALSE(tape.gradient(constant));
        CHECK(bench.get(tape.gradient(x)) == std::vector<double>{8, 16});
        tape.apply<LeastSquares>({x}, {0.0, 1.0});
        CHECK(bench.get(tape.gradient(x)) == std::vector<double>{11, 21});
        CHECK(contains(error_of([&] {
                           tape.backward({{x, bench.normal(1, 2, 1)}});
                       }),
                       "a tensor that a loss was applied to takes no cotangent"));
    }
}

TEST_CASE("a loss of a part of a tensor reaches the whole") {
    const auto device = open_device({.kind = "cpu", .threads = 1});
    Workbench<double> bench(*device);
    bench.filled(100, 100, NAN);
    bench.arena.rewind();
    Tape<double> tape(bench.stream, bench.arena);
    const Var x = tape.variable(bench.put(3, 2, {1, 2, 3, 4, 5, 6}));
    const auto parts = tape.split_rows(tape.apply<BiasActivation>({x}, {1.0}), {1, 1, 1});
    tape.apply<LeastSquares>({parts[1]}, {2.0, 1.0});
    tape.backward();
    CHECK(bench.get(tape.gradient(x)) == std::vector<double>{0, 0, 1, 2, 0, 0});
}

TEST_CASE("parts of a tensor are its rows, and their gradients are its gradient") {
    for (const auto& device : test::devices()) {
        Workbench<double> bench(*device);
        bench.filled(100, 100, NAN); // what was in memory before shows where nothing is written
        bench.arena.rewind();
        Tape<double> tape(bench.stream, bench.arena);
        const Var x = tape.variable(bench.normal(6, 5, 1)), y = tape.apply<Tanh>({x});
        const auto parts = tape.split_rows(y, {2, 1, 3});
        CHECK(tape.value(parts[1]).data == tape.value(y).row(2));
        CHECK(tape.value(parts[2]).shape() == Shape{3, 5});
        // the first is used twice, the second not at all
        const Var a = tape.apply<BiasActivation>({parts[0]}, {0.5}), b = tape.apply<Tanh>({parts[0]});
        const Var c = tape.apply<Tanh>({parts[2]});
        const auto w = [&](int rows, unsigned seed) { return bench.normal(rows, 5, seed); };
        tape.backward({{a, w(2, 2)}, {b, w(2, 3)}, {c, w(3, 4)}});
        const auto values = bench.get(tape.value(y)), of_a = bench.get(w(2, 2)), of_b = bench.get(w(2, 3)),
                   of_c = bench.get(w(3, 4));
        std::vector<double> expected;
        for (std::size_t i = 0; i < 30; ++i) {
            const double v = values[i], slope = 1 - std::tanh(v) * std::tanh(v);
            double d = 0;
            if (i < 10) d = of_a[i] * (v > 0 ? 1.0 : 0.5) + of_b[i] * slope;
            if (i >= 15) d = of_c[i - 15] * slope;
            expected.push_back(d * (1 - v * v));
        }
        CHECK(test::largest_difference(bench.get(tape.gradient(x)), expected) < 1e-14);
    }
}

TEST_CASE("a tensor that was split is used by its parts alone, and overwritten with them") {
    const auto device = open_device({.kind = "cpu", .threads = 1});
    Workbench<double> bench(*device);
    Tape<double> tape(bench.stream, bench.arena);
    const Var x = tape.variable(bench.normal(4, 3, 1)), y = tape.apply<Tanh>({x});
    const auto parts = tape.split_rows(y, {1, 3});
    const Var z = tape.apply<Tanh>({parts[1]});
    CHECK(contains(error_of([&] { tape.apply<Tanh>({y}); }), "tanh: given a tensor that was split"));
    SUBCASE("cotangents are for what is made of them") {
        for (const Var v : {y, parts[1]}) {
            Tape<double> other = tape;
            const auto cotangent = bench.normal(tape.value(v).rows, 3, 2);
            CHECK(contains(error_of([&] { other.backward({{v, cotangent}}); }), "takes a cotangent"));
        }
    }
    SUBCASE("the producer's output is gone with a part") {
        tape.overwritten(parts[0]);
        CHECK(contains(error_of([&] {
                           tape.backward({{z, bench.normal(3, 3, 2)}});
                       }),
                       "tanh: output 0 was overwritten"));
    }
    SUBCASE("without a gradient for any part there is none for the whole") {
        const Var other = tape.apply<Tanh>({tape.variable(bench.normal(1, 3, 3))});
        tape.backward({{other, bench.normal(1, 3, 2)}});
        CHECK_FALSE(tape.gradient(x));
    }
}

TEST_CASE("a backward is refused after a tensor it needs was overwritten") {
    const auto device = open_device({.kind = "cpu", .threads = 1});
    Workbench<double> bench(*device);
    Tape<double> tape(bench.stream, bench.arena);
    const Var x = tape.variable(bench.normal(2, 3, 1)), y = tape.apply<Tanh>({x});
    SUBCASE("an output the vjp reads") {
        tape.overwritten(y);
        CHECK(contains(error_of([&] {
                           tape.backward({{y, bench.normal(2, 3, 2)}});
                       }),
                       "tanh: output 0 was overwritten"));
    }
    SUBCASE("an input the vjp reads") {
        const Var w = tape.constant(bench.normal(4, 2, 3)), z = tape.apply<MatMul>({w, y});
        tape.overwritten(w);
        CHECK(contains(error_of([&] {
                           tape.backward({{z, bench.normal(4, 3, 2)}});
                       }),
                       "matmul: input 0 was overwritten"));
    }
    SUBCASE("an input it does not read may be") {
        tape.overwritten(x);
        CHECK(error_of([&] { tape.backward({{y, bench.normal(2, 3, 2)}}); }).empty());
    }
}

TEST_CASE("a backward is refused after an optimiser step on its parameters") {
    const auto device = open_device({.kind = "cpu", .threads = 1});
    Workbench<double> bench(*device);
    Layout layout;
    add_dense(layout, "layer", 3, 2);
    Network<double> network(*device, layout);
    network.initialise(1);
    for (const bool stepped : {false, true}) {
        Tape<double> tape(bench.stream, bench.arena);
        Scope<double> scope(tape, network, {.train = true, .learn = true});
        const Var y = scope.linear("layer", tape.constant(bench.normal(3, 4, 1)));
        if (stepped) network.adam_step(bench.stream, bench.arena, {});
        const std::string message = error_of([&] { tape.backward({{y, bench.normal(2, 4, 2)}}); });
        CHECK(message.empty() != stepped);
        if (stepped) CHECK(contains(message, "matmul: input 0 was overwritten"));
    }
}

TEST_CASE("mistakes are refused by the call that makes them, naming the op") {
    const auto device = open_device({.kind = "cpu", .threads = 1});
    Workbench<double> bench(*device);
    Tape<double> tape(bench.stream, bench.arena);
    const Var a = tape.variable(bench.normal(3, 4, 1)), b = tape.variable(bench.normal(5, 2, 2));
    CHECK(error_of([&] { tape.apply<MatMul>({a, b}); }) == "matmul: input 1 is 5 x 2, expected 4 x any");
    CHECK(contains(error_of([&] { tape.apply<BiasActivation>({a, b}); }), "bias_activation: input 1"));
    CHECK(contains(error_of([&] { tape.apply<Tanh>({a, b}); }), "tanh: takes 1 inputs"));
    CHECK(contains(error_of([&] { tape.apply<BatchNorm>({a, b, b}); }), "batch_norm: takes 6 inputs and 2 states"));
    CHECK(contains(error_of([&] { tape.apply<ConcatRows>({a, a}); }), "concat_rows: one tensor given as two inputs"));
    CHECK(contains(error_of([&] { tape.apply<PickRows>({a}, {1, {{0, 2, 2}}}); }), "pick_rows: rows 2..3 of input 0"));
    CHECK(contains(error_of([&] { tape.split_rows(a, {1, 1}); }), "split_rows: 2 parts of 2 rows in all; expected"));
    CHECK(contains(error_of([&] { find_op("tahn"); }), "no op is named 'tahn'"));
}

TEST_CASE("a tape runs backward once, from cotangents of the right shape") {
    const auto device = open_device({.kind = "cpu", .threads = 1});
    Workbench<double> bench(*device);
    Tape<double> tape(bench.stream, bench.arena);
    const Var x = tape.variable(bench.normal(2, 3, 1)), y = tape.apply<Tanh>({x});
    const auto cotangent = bench.normal(2, 3, 2);
    tape.backward({{y, cotangent}});
    CHECK(contains(error_of([&] { tape.backward({{y, cotangent}}); }), "backward was already run"));
    Tape<double> other(bench.stream, bench.arena);
    const Var z = other.apply<Tanh>({other.variable(bench.normal(2, 3, 1))});
    CHECK(contains(error_of([&] {
                       other.backward({{z, bench.normal(3, 3, 2)}});
                   }),
                   "cotangent of 3 x 3 for a tensor of 2 x 3"));
}

TEST_CASE("a tape tells what ran on it, in order, wanted gradients or not") {
    const auto cpu = open_device({.kind = "cpu", .threads = 1});
    Workbench<double> bench(*cpu);
    Tape<double> tape(bench.stream, bench.arena);
    const Var x = tape.constant(bench.normal(2, 3, 1)), bias = tape.variable(bench.normal(2, 1, 2));
    const Var y = tape.apply<Tanh>({x});
    const Var z = tape.apply<BiasActivation>({y, bias}, {0.5});
    REQUIRE(tape.nodes().size() == 2);
    CHECK(tape.nodes()[0].op->name == Tanh::name);
    CHECK(tape.nodes()[0].in[0] == x.id);
    const auto& last = tape.nodes()[1];
    CHECK(last.call.attributes.as<BiasActivation>().slope == 0.5);
    CHECK(last.in[0] == y.id);
    CHECK(last.in[1] == bias.id);
    CHECK(last.in[2] == -1);
    CHECK(last.out[0] == z.id);
}
