#include "engine/matmul.hpp"
#include "engine/steps.hpp"
#include "kernels/network/ops.hpp"
#include "tests/workbench.hpp"

// What is sent beside the rest gives the same bits whenever it runs: at once, or as late as a GPU's side queue may run it.

using namespace poseaug;
using test::contains;
using test::error_of;
using test::Workbench;

namespace {

constexpr Branches kAll[] = {Branches::in_order, Branches::side_by_side, Branches::held_back};

void fill(Workbench<double>& bench, const View<double>& to, double value) {
    Call<double> call;
    call.attributes = Attributes::of(Fill{value});
    call.out[0] = to;
    bench.stream.run(fill_procedure(), call);
}

void copy(Workbench<double>& bench, const View<double>& from, const View<double>& to) {
    PickRows all;
    all.add(0, 0, from.rows);
    Call<double> call;
    call.attributes = Attributes::of(all);
    call.in[0] = from;
    call.out[0] = to;
    bench.stream.run(find_op(PickRows::name), Direction::value, call);
}

/// Gradients of a weight that products and another op use, and of what the products are given; the number of calls.
struct Gradients {
    std::vector<double> weight, first, input;
    std::size_t calls = 0;
};

Gradients backward(Device& device, Branches how, bool replayed) {
    constexpr int n = 24, batch = 40;
    Workbench<double> bench(device);
    bench.stream.run_branches(how);
    const auto weight = bench.normal(n, n, 1, 0.3), first = bench.normal(n, n, 2, 0.3), x = bench.normal(n, batch, 3),
               d_weight = bench.filled(n, n, NAN), d_first = bench.filled(n, n, NAN), d_y = bench.normal(n, batch, 4),
               d_squashed = bench.normal(n, n, 5);
    View<double> d_x;
    const auto step = [&] {
        Tape<double> tape(bench.stream, bench.arena);
        const Var w = tape.parameter(weight, d_weight), u = tape.parameter(first, d_first), v = tape.variable(x);
        const Var squashed = tape.apply<Tanh>({w}); // whose gradient comes last, to what the products left
        const Var y = tape.apply<MatMul>({w, tape.apply<Tanh>({tape.apply<MatMul>({w, tape.apply<MatMul>({u, v})})})});
        tape.backward({{squashed, d_squashed}, {y, d_y}});
        d_x = tape.gradient(v);
    };
    Gradients result;
    if (replayed) {
        const Plan<double> plan = bench.stream.record(step);
        fill(bench, d_weight, NAN);
        fill(bench, d_first, NAN);
        plan.replay();
        result.calls = plan.size();
    } else {
        step();
    }
    result.weight = bench.get(d_weight);
    result.first = bench.get(d_first);
    result.input = bench.get(d_x);
    return result;
}

} // namespace

TEST_CASE("what is sent beside runs after what was sent before it, and by the next join") {
    for (const auto& device : test::devices())
        for (const Branches how : kAll) {
            Workbench<double> bench(*device);
            bench.stream.run_branches(how);
            const auto one = bench.filled(1, 1, 0), other = bench.filled(1, 1, 0), last = bench.filled(1, 1, 0);
            fill(bench, one, 3);
            bench.stream.beside([&] {
                CHECK(bench.stream.is_aside());
                copy(bench, one, other);
                bench.stream.join(); // inside, nothing to wait for
            });
            CHECK_FALSE(bench.stream.is_aside());
            CHECK(bench.stream.joins() == 0);
            bench.stream.join();
            CHECK(bench.stream.joins() == 1);
            copy(bench, other, last);
            CHECK(bench.get(last) == std::vector<double>{3});
            bench.stream.join(); // of nothing
            CHECK(bench.stream.joins() == 1);
        }
}

TEST_CASE("calls that are held back until the join betray a join that is missing") {
    const auto device = open_device({.kind = "cpu", .threads = 1});
    const auto copied = [&](Branches how, bool joined) {
        Workbench<double> bench(*device);
        bench.stream.run_branches(how);
        const auto one = bench.filled(1, 1, 1), other = bench.filled(1, 1, 0);
        bench.stream.beside([&] { copy(bench, one, other); });
        if (joined) bench.stream.join();
        fill(bench, one, 2);
        bench.stream.join();
        return bench.get(other)[0];
    };
    for (const Branches how : kAll) CHECK(copied(how, true) == 1);
    CHECK(copied(Branches::in_order, false) == 1);
    CHECK(copied(Branches::held_back, false) == 2);
}

TEST_CASE("gradients of weights beside the others are those in order, bit for bit, direct and recorded") {
    for (const auto& device : test::devices()) {
        const Gradients expected = backward(*device, Branches::in_order, false);
        for (const Branches how : kAll)
            for (const bool replayed : {false, true}) {
                CAPTURE(static_cast<int>(how));
                CAPTURE(replayed);
                const Gradients found = backward(*device, how, replayed);
                CHECK(found.weight == expected.weight);
                CHECK(found.first == expected.first);
                CHECK(found.input == expected.input);
                // both gradients of each of three products are calls of their own
                constexpr std::size_t calls = 5 + 5;
                if (replayed) CHECK(found.calls == (how == Branches::in_order ? calls : calls + 3));
            }
    }
}

TEST_CASE("a tensor that is computed beside is used after the join, or beside as well") {
    for (const auto& device : test::devices()) {
        Workbench<double> bench(*device);
        Tape<double> tape(bench.stream, bench.arena);
        Var x, y, early, part;
        bench.stream.beside([&] {
            x = tape.apply<Tanh>({tape.constant(bench.normal(4, 3, 1))});
            y = tape.apply<Tanh>({x});
            part = tape.split_rows(tape.apply<Tanh>({y}), {1, 3})[1];
        });
        for (const Var v : {x, y, part})
            CHECK(contains(error_of([&] { tape.apply<Tanh>({v}); }), "tanh: given a tensor that is computed beside"));
        bench.stream.join();
        for (const Var v : {x, y, part}) CHECK_NOTHROW(tape.apply<Tanh>({v}));
    }
}

TEST_CASE("a recording joins what it sent beside, and one that fails in between leaves the stream fit for use") {
    for (const auto& device : test::devices())
        for (const Branches how : kAll) {
            Workbench<double> bench(*device);
            bench.stream.run_branches(how);
            const auto one = bench.filled(1, 1, 1), other = bench.filled(1, 1, 0);
            CHECK_THROWS_AS(bench.stream.record([&] {
                bench.stream.beside([&] {
                    copy(bench, one, other);
                    throw Error("no");
                });
            }),
                            Error);
            CHECK_FALSE(bench.stream.is_aside());
            fill(bench, other, 5);
            bench.stream.join();
            CHECK(bench.get(other)[0] == 5);
            const Plan<double> plan = bench.stream.record([&] {
                fill(bench, other, 6);
                bench.stream.beside([&] { copy(bench, one, other); });
            });
            CHECK(plan.size() == 2);
            CHECK(bench.get(other)[0] == 1);
            fill(bench, one, 7);
            plan.replay();
            CHECK(bench.get(other)[0] == 7);
        }
}
