#include "kernels/network/ops.hpp"
#include "tests/workbench.hpp"

using namespace poseaug;
using test::Workbench;
using Values = std::vector<double>;

namespace {

template <class O> Values gradient_of(Device& device, const View<double>& x, const O& params, const Values& d_y) {
    Workbench<double> bench(device);
    Tape<double> tape(bench.stream, bench.arena);
    const Var v = tape.variable(x), y = tape.apply<O>({v}, params);
    tape.backward({{y, bench.put(tape.value(y).rows, tape.value(y).cols, d_y)}});
    return bench.get(tape.gradient(v));
}

} // namespace

TEST_CASE("nodes are spread over columns and stacked again, within their group") {
    for (const auto& device : test::devices()) {
        Workbench<double> bench(*device);
        const Op &spread = find_op(SpreadNodes::name), &stack = find_op(StackNodes::name);
        // two nodes of two channels, two groups of two poses
        const auto stacked = bench.put(4, 4, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16});
        const Values graph = {1, 2, 9, 10, 3, 4, 11, 12, 5, 6, 13, 14, 7, 8, 15, 16};
        const auto found = bench.run(spread, Attributes::of(SpreadNodes{2, 2}), {stacked})[0];
        CHECK(bench.get(found) == graph);
        CHECK(bench.get(bench.run(stack, Attributes::of(StackNodes{2, 2}), {found})[0]) == bench.get(stacked));
        const auto single = bench.run(spread, Attributes::of(SpreadNodes{2, 1}), {stacked})[0];
        CHECK(bench.get(single) == Values{1, 2, 3, 4, 9, 10, 11, 12, 5, 6, 7, 8, 13, 14, 15, 16});
    }
}

TEST_CASE("the largest node of each part, equal ones sharing the gradient") {
    for (const auto& device : test::devices()) {
        Workbench<double> bench(*device);
        const PoolNodes pool{4, 2, 1, {1, 0, 1, 1}};
        // columns: nodes 0..3 of two poses
        const auto x = bench.put(1, 8, {3, -1, 5, 6, 3, -2, 2, -1});
        CHECK(bench.get(bench.run(find_op(PoolNodes::name), Attributes::of(pool), {x})[0]) == Values{5, 6, 3, -1});
        CHECK(gradient_of(*device, x, pool, {10, 20, 30, 40}) == Values{15, 20, 10, 20, 15, 0, 0, 20});
        const PoolNodes groups{2, 1, 2, {}};
        CHECK(bench.get(bench.run(find_op(PoolNodes::name), Attributes::of(groups), {x})[0]) == Values{5, 6, 3, -1});
        CHECK(gradient_of(*device, x, groups, {1, 2, 3, 4}) == Values{0, 0, 1, 2, 3, 0, 0, 4});
    }
}

TEST_CASE("a spoilt value is not lost among the maxima, nor is its gradient") {
    for (const auto& device : test::devices()) {
        Workbench<double> bench(*device);
        const auto x = bench.put(1, 3, {1, NAN, 3});
        const auto y = bench.run(find_op(PoolNodes::name), Attributes::of(PoolNodes{3, 1, 1, {}}), {x})[0];
        CHECK(std::isnan(bench.get(y)[0]));
        // of two parts, one spoilt: its nodes' gradients are NaN, the other part's are not
        const auto parts = bench.put(1, 4, {1, NAN, 3, 2});
        const Values d = gradient_of(*device, parts, PoolNodes{4, 2, 1, {0, 0, 1, 1}}, {5, 7});
        CHECK(std::isnan(d[0]));
        CHECK(std::isnan(d[1]));
        CHECK(d[2] == 7);
        CHECK(d[3] == 0);
    }
}

TEST_CASE("nodes by index, a node taken twice gathering both gradients") {
    for (const auto& device : test::devices()) {
        Workbench<double> bench(*device);
        const SelectNodes chosen{3, 4, 2, {2, 0, 2, 2}};
        const auto x = bench.put(1, 6, {1, 2, 3, 4, 5, 6}); // one pose a group
        CHECK(bench.get(bench.run(find_op(SelectNodes::name), Attributes::of(chosen), {x})[0]) ==
              Values{3, 1, 3, 3, 6, 4, 6, 6});
        CHECK(gradient_of(*device, x, chosen, {1, 10, 100, 1000, 2, 20, 200, 2000}) ==
              Values{10, 0, 1101, 20, 0, 2202});
    }
}

TEST_CASE("graph tensors whose columns or nodes do not fit are refused") {
    const auto device = open_device({.kind = "cpu", .threads = 1});
    Workbench<double> bench(*device);
    const auto refusal = [&](std::string_view op, const Attributes& attributes, int rows, int cols) {
        return test::error_of([&] { bench.run(find_op(op), attributes, {bench.filled(rows, cols, 1)}); });
    };
    CHECK(refusal("spread_nodes", Attributes::of(SpreadNodes{3, 1}), 4, 6) ==
          "spread_nodes: 4 rows do not divide into 3 nodes");
    CHECK(refusal("stack_nodes", Attributes::of(StackNodes{3, 2}), 4, 9) ==
          "stack_nodes: the 9 columns of input 0 do not divide into 2 groups of 3 nodes");
    CHECK(refusal("pool_nodes", Attributes::of(PoolNodes{3, 2, 1, {0, 2, 1}}), 1, 3) ==
          "pool_nodes: node 1 belongs to part 2 of 2");
    CHECK(refusal("pool_nodes", Attributes::of(PoolNodes{3, 2, 1, {}}), 1, 3) == "pool_nodes: part 1 has no nodes");
    CHECK(refusal("select_nodes", Attributes::of(SelectNodes{3, 2, 1, {0, 3}}), 1, 3) == "select_nodes: node 3 of 3");
    CHECK(refusal("hop_graph", Attributes::of(HopGraph{6, 1}), 4, 6) == "hop_graph: there is no graph of 6 nodes");
}
