#include "kernels/network/ops.hpp"
#include "tests/workbench.hpp"

using namespace poseaug;
using test::Workbench;
using Values = std::vector<double>;

TEST_CASE("rows stacked, columns side by side, slices and choices of columns, weighted sums") {
    for (const auto& device : test::devices()) {
        Workbench<double> bench(*device);
        const auto a = bench.put(2, 3, {1, 2, 3, 4, 5, 6}), b = bench.put(1, 3, {7, 8, 9}),
                   c = bench.put(2, 1, {10, 11});
        const auto get = [&](std::string_view op, const Attributes& attributes, const std::vector<View<double>>& in) {
            return bench.get(bench.run(find_op(op), attributes, in)[0]);
        };
        CHECK(get("concat_rows", {}, {a, b}) == Values{1, 2, 3, 4, 5, 6, 7, 8, 9});
        CHECK(get("concat_rows", {}, {b, a, b}) == Values{7, 8, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9});
        CHECK(get("concat_columns", {}, {a, c}) == Values{1, 2, 3, 10, 4, 5, 6, 11});
        CHECK(get("slice_columns", Attributes::of(SliceColumns{1, 2}), {a}) == Values{2, 3, 5, 6});
        CHECK(get("select_columns", Attributes::of(SelectColumns{3, {2, 0, 2}}), {a}) == Values{3, 1, 3, 6, 4, 6});
        WeightedSum weights;
        weights.weight[0] = 2;
        weights.weight[2] = -1;
        CHECK(get("weighted_sum", Attributes::of(weights), {bench.filled(1, 1, 3), {}, bench.filled(1, 1, 4)}) ==
              Values{2});
    }
}

TEST_CASE("a column chosen twice gathers both gradients, one not chosen gets zero") {
    for (const auto& device : test::devices()) {
        Workbench<double> bench(*device);
        Tape<double> tape(bench.stream, bench.arena);
        const Var w = tape.variable(bench.normal(1, 3, 1));
        const Var y = tape.apply<SelectColumns>({w}, {3, {2, 0, 2}});
        tape.backward({{y, bench.put(1, 3, {1, 10, 100})}});
        CHECK(bench.get(tape.gradient(w)) == Values{10, 0, 101});
    }
}
