#include "engine/rounding.hpp"

#include "engine/matmul.hpp"
#include "tests/workbench.hpp"

#include <limits>

using namespace poseaug;
using test::Workbench;

TEST_CASE("rounding keeps 23, 10 or 7 bits, to the nearest, ties to even") {
    CHECK(rounded(1.2345678F, Precision::float32) == 1.2345678F);
    const auto bit = [](int n) { return std::ldexp(1.0F, -n); };
    const std::pair<Precision, int> kinds[] = {{Precision::tf32, 10}, {Precision::bf16, 7}};
    for (const auto& [precision, bits] : kinds)
        for (const float sign : {1.0F, -1.0F}) {
            const auto check = [&, p = precision](float value, float expected) {
                CHECK(rounded(sign * value, p) == sign * expected);
            };
            check(0.0F, 0.0F);
            check(1 + bit(bits), 1 + bit(bits));
            check(1 + bit(bits + 1), 1); // a tie: to the even 1
            check(1 + 3 * bit(bits + 1), 1 + 2 * bit(bits));
            check(1 + bit(bits + 1) + bit(23), 1 + bit(bits));
            check(2 - bit(23), 2); // the carry moves the exponent
            check(std::numeric_limits<float>::infinity(), std::numeric_limits<float>::infinity());
            check(std::numeric_limits<float>::max(), std::numeric_limits<float>::infinity());
        }
    const float odd_nan = std::nanf("0x3fffff"); // all bits set: a carry must not make it a number
    CHECK(std::isnan(rounded(odd_nan, Precision::tf32)));
    CHECK(std::isnan(rounded(-odd_nan, Precision::bf16)));
}

TEST_CASE("products on the CPU are of operands rounded as asked, forward and backward") {
    constexpr int m = 40, k = 300, n = 37;
    for (const Precision precision : {Precision::tf32, Precision::bf16}) {
        const auto device = open_device({.kind = "cpu", .threads = 2, .precision = precision});
        const auto exact = open_device({.kind = "cpu", .threads = 2});
        Workbench<float> rounding(*device), reference(*exact);
        const auto run = [&](Workbench<float>& bench, bool by_hand) {
            Call<float> call;
            const auto operand = [&](int rows, int cols, int seed) {
                const auto matrix = bench.normal(rows, cols, seed);
                for (int r = 0; by_hand && r < rows; ++r)
                    for (int c = 0; c < cols; ++c) matrix(r, c) = rounded(matrix(r, c), precision);
                return matrix;
            };
            call.in[0] = operand(m, k, 1);
            call.in[1] = operand(k, n, 2);
            call.d_out[0] = operand(m, n, 3);
            call.out[0] = bench.filled(m, n, NAN);
            call.d_in[0] = bench.filled(m, k, NAN);
            call.d_in[1] = bench.filled(k, n, NAN);
            const Op& op = find_op(MatMul::name);
            bench.stream.run(op, Direction::value, call);
            bench.stream.run(op, Direction::vjp, call);
            return std::vector{bench.get(call.out[0]), bench.get(call.d_in[0]), bench.get(call.d_in[1])};
        };
        CHECK(run(rounding, false) == run(reference, true));
        CHECK(run(rounding, false) != run(reference, false));
    }
}
