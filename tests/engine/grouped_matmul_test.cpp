#include "engine/grouped_matmul.hpp"

#include "engine/matmul.hpp"
#include "tests/workbench.hpp"

using namespace poseaug;
using test::contains;
using test::error_of;
using test::Workbench;

namespace {

struct Result {
    std::vector<double> y, d_x;
    std::vector<std::vector<double>> d_w;
};

/// So many weights (rows, inner) of one stack.
struct Stack {
    int groups, rows, inner;
};

struct Operands {
    View<double> x, d_y, d_x;
    std::vector<View<double>> w, d_w;

    /// Gradients hold twos at first.
    Operands(Workbench<double>& bench, const std::vector<Stack>& stacks, int cols) {
        int inner = 0, rows = 0;
        for (const Stack& s : stacks) {
            w.push_back(bench.normal(s.groups * s.rows, s.inner, 7 + static_cast<unsigned>(w.size())));
            d_w.push_back(bench.filled(s.groups * s.rows, s.inner, 2));
            inner += s.groups * s.inner;
            rows += s.groups * s.rows;
        }
        x = bench.normal(inner, cols, 1);
        d_y = bench.normal(rows, cols, 2);
        d_x = bench.filled(inner, cols, 2);
    }
    Result result(Workbench<double>& bench, const View<double>& y) const {
        Result r{bench.get(y), bench.get(d_x), {}};
        for (const auto& d : d_w) r.d_w.push_back(bench.get(d));
        return r;
    }
};

/// All products by one call; gradients are added.
Result together(Device& device, const std::vector<Stack>& stacks, int cols) {
    Workbench<double> bench(device);
    const Operands operands(bench, stacks, cols);
    GroupedMatMul params;
    Call<double> call;
    call.in[0] = operands.x;
    call.d_in[0] = operands.d_x;
    for (std::size_t i = 0; i < stacks.size(); ++i) {
        params.groups[i] = stacks[i].groups;
        call.in[i + 1] = operands.w[i];
        call.d_in[i + 1] = operands.d_w[i];
    }
    call.attributes = Attributes::of(params);
    call.out[0] = bench.filled(operands.d_y.rows, cols, NAN);
    call.d_out[0] = operands.d_y;
    call.accumulate = 0b11111;
    const Op& op = find_op(GroupedMatMul::name);
    bench.stream.run(op, Direction::value, call);
    bench.stream.run(op, Direction::vjp, call);
    return operands.result(bench, call.out[0]);
}

/// The same by a call for each product.
Result one_by_one(Device& device, const std::vector<Stack>& stacks, int cols) {
    Workbench<double> bench(device);
    const Operands operands(bench, stacks, cols);
    const View<double> y = bench.filled(operands.d_y.rows, cols, NAN);
    const Op& op = find_op(MatMul::name);
    int first_x = 0, first_y = 0;
    for (std::size_t i = 0; i < stacks.size(); ++i)
        for (int g = 0; g < stacks[i].groups; ++g) {
            const auto [groups, rows, inner] = stacks[i];
            Call<double> call;
            call.in[0] = operands.w[i].slice(g * rows, rows);
            call.in[1] = operands.x.slice(first_x, inner);
            call.out[0] = y.slice(first_y, rows);
            call.d_out[0] = operands.d_y.slice(first_y, rows);
            call.d_in[0] = operands.d_w[i].slice(g * rows, rows);
            call.d_in[1] = operands.d_x.slice(first_x, inner);
            call.accumulate = 0b11;
            bench.stream.run(op, Direction::value, call);
            bench.stream.run(op, Direction::vjp, call);
            first_x += inner;
            first_y += rows;
        }
    return operands.result(bench, y);
}

const std::vector<std::vector<Stack>> kCases = {{{4, 256, 96}},
                                                {{3, 8, 5}, {1, 8, 7}},
                                                {{1, 45, 16}, {2, 3, 16}, {1, 9, 16}},
                                                {{2, 300, 3}, {2, 1, 40}, {1, 7, 7}}};

} // namespace

TEST_CASE("products of groups are the products one by one") {
    for (const auto& device : test::devices())
        for (const auto& stacks : kCases)
            for (const int cols : {1, 33, 300}) {
                CAPTURE(device->name());
                CAPTURE(cols);
                const Result found = together(*device, stacks, cols), expected = one_by_one(*device, stacks, cols);
                CHECK(test::largest_difference(found.y, expected.y) < 1e-12);
                CHECK(test::largest_difference(found.d_x, expected.d_x) < 1e-12);
                for (std::size_t i = 0; i < stacks.size(); ++i)
                    CHECK(test::largest_difference(found.d_w[i], expected.d_w[i]) < 1e-12);
            }
}

TEST_CASE("products of groups have the bits of the products one by one, on any number of threads") {
    const auto one = open_device({.kind = "cpu", .threads = 1}), three = open_device({.kind = "cpu", .threads = 3});
    for (const auto& stacks : kCases) {
        const Result a = together(*one, stacks, 600), b = together(*three, stacks, 600),
                     c = one_by_one(*three, stacks, 600);
        for (const Result* other : {&b, &c}) {
            CHECK(a.y == other->y);
            CHECK(a.d_x == other->d_x);
            CHECK(a.d_w == other->d_w);
        }
    }
}

TEST_CASE("weights that do not divide, and inputs that do not fit them, are refused") {
    const auto shapes = [](const GroupedMatMul& params, std::vector<Shape> in) {
        in.resize(kMaxInputs);
        Shape out[kMaxOutputs];
        return error_of([&] { find_op(GroupedMatMul::name).shapes(Attributes::of(params), in.data(), out); });
    };
    CHECK(shapes({{2}}, {{6, 9}, {10, 3}}).empty());
    CHECK(contains(shapes({{3}}, {{9, 9}, {10, 3}}), "input 1 of 10 rows does not divide into 3 weights"));
    CHECK(contains(shapes({{2}}, {{5, 9}, {10, 3}}), "grouped_matmul: input 0 is 5 x 9, expected 6 x any"));
    CHECK(contains(shapes({{2, 1}}, {{6, 9}, {10, 3}, {1, 4}}), "expected 10 x any"));
    CHECK(contains(shapes({{0}}, {{6, 9}, {10, 3}}), "into 0 weights"));
    CHECK(contains(shapes({{1}}, {{6, 9}}), "no weights were given"));
}
