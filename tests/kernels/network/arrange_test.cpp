#include "kernels/network/ops.hpp"
#include "kernels/pose/kcs.hpp"
#include "tests/workbench.hpp"

using namespace poseaug;
using test::Workbench;
using Values = std::vector<double>;

TEST_CASE("rows stacked and picked, columns side by side") {
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
        PickRows runs;
        runs.add(1, 0, 1);
        runs.add(0, 1, 1);
        runs.add(1, 0, 1);
        CHECK(get("pick_rows", Attributes::of(runs), {a, b}) == Values{7, 8, 9, 4, 5, 6, 7, 8, 9});
    }
}

TEST_CASE("a row picked twice gathers both gradients, one not picked gets zero") {
    for (const auto& device : test::devices()) {
        Workbench<double> bench(*device);
        Tape<double> tape(bench.stream, bench.arena);
        const Var x = tape.variable(bench.normal(3, 1, 1)), y = tape.variable(bench.normal(1, 1, 2));
        PickRows runs;
        runs.add(0, 1, 2);
        runs.add(1, 0, 1);
        runs.add(0, 2, 1);
        const Var z = tape.apply<PickRows>({x, y}, runs);
        tape.backward({{z, bench.put(4, 1, {1, 10, 100, 1000})}});
        CHECK(bench.get(tape.gradient(x)) == Values{0, 1, 1010});
        CHECK(bench.get(tape.gradient(y)) == Values{100});
    }
}

TEST_CASE("weights that meet a part's Gram entries are picked, and others get a gradient of zero") {
    for (const auto& device : test::devices()) {
        Workbench<double> bench(*device);
        constexpr int rows = 2;
        const auto wide = bench.normal(rows * kParts, 225, 1);
        const auto values = bench.get(wide);
        Tape<double> tape(bench.stream, bench.arena);
        const Var w = tape.variable(wide);
        const auto compact = tape.apply_all<GramColumns>({w});
        const auto legs = bench.get(tape.value(compact[1]));
        for (int r = 0; r < 2 * rows; ++r) // parts 2 and 3
            for (int e = 0; e < 25; ++e)
                CHECK(legs[static_cast<std::size_t>(r * 25 + e)] ==
                      values[static_cast<std::size_t>((2 * rows + r) * 225 + kcs_full_index(2 + r / rows, e))]);
        tape.backward({{compact[2], bench.filled(rows, 49, 3)}}); // of the torso alone
        const auto gradient = bench.get(tape.gradient(w));
        for (std::size_t i = 0; i < gradient.size(); ++i) {
            const int part = static_cast<int>(i) / (225 * rows), column = static_cast<int>(i) % 225;
            CHECK(gradient[i] == (part == 4 && kcs_compact_index(4, column) >= 0 ? 3.0 : 0.0));
        }
        CHECK(test::contains(
            test::error_of([&] { tape.apply_all<GramColumns>({tape.constant(bench.normal(4, 225, 1))}); }),
            "gram_columns: 4 rows do not divide into 5 weights"));
    }
}
