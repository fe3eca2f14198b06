#include "engine/matmul.hpp"
#include "tests/workbench.hpp"

using namespace poseaug;
using test::Workbench;

namespace {

struct Product {
    std::vector<double> y, d_w, d_x;
};

/// The transpose of a matrix of so many rows.
std::vector<double> across(const std::vector<double>& values, int rows) {
    const int cols = static_cast<int>(values.size()) / rows;
    std::vector<double> result;
    for (int c = 0; c < cols; ++c)
        for (int r = 0; r < rows; ++r) result.push_back(values[static_cast<std::size_t>(r * cols + c)]);
    return result;
}

/// Value and gradients, the latter added to twos. Transposed: the same product with the weight stored across.
Product product(Device& device, int m, int k, int n, bool transposed = false) {
    Workbench<double> bench(device);
    Call<double> call;
    call.attributes = Attributes::of(MatMul{transposed ? 1 : 0});
    call.in[0] = transposed ? bench.put(k, m, across(bench.get(bench.normal(m, k, 1)), m)) : bench.normal(m, k, 1);
    call.in[1] = bench.normal(k, n, 2);
    call.d_out[0] = bench.normal(m, n, 3);
    call.out[0] = bench.filled(m, n, NAN);
    call.d_in[0] = transposed ? bench.filled(k, m, 2) : bench.filled(m, k, 2);
    call.d_in[1] = bench.filled(k, n, 2);
    call.accumulate = 0b11;
    const Op& op = find_op(MatMul::name);
    bench.stream.run(op, Direction::value, call);
    bench.stream.run(op, Direction::vjp, call);
    const auto d_w = bench.get(call.d_in[0]);
    return {bench.get(call.out[0]), transposed ? across(d_w, k) : d_w, bench.get(call.d_in[1])};
}

Product by_hand(int m, int k, int n) {
    const auto device = open_device({.kind = "cpu", .threads = 1});
    Workbench<double> bench(*device);
    const auto w = bench.normal(m, k, 1), x = bench.normal(k, n, 2), d = bench.normal(m, n, 3);
    const auto y = bench.filled(m, n, 0), d_w = bench.filled(m, k, 2), d_x = bench.filled(k, n, 2);
    for (int i = 0; i < m; ++i)
        for (int j = 0; j < n; ++j)
            for (int l = 0; l < k; ++l) {
                y(i, j) += w(i, l) * x(l, j);
                d_w(i, l) += d(i, j) * x(l, j);
                d_x(l, j) += w(i, l) * d(i, j);
            }
    return {bench.get(y), bench.get(d_w), bench.get(d_x)};
}

} // namespace

TEST_CASE("matrix products of any shape, on any number of threads") {
    std::vector<std::unique_ptr<Device>> devices = test::devices();
    devices.push_back(open_device({.kind = "cpu", .threads = 3}));
    for (const auto& [m, k, n] :
         {std::array{1, 1, 1}, {45, 64, 33}, {64, 32, 100}, {130, 31, 65}, {33, 129, 1}, {1, 200, 257}}) {
        const Product expected = by_hand(m, k, n);
        for (const auto& device : devices)
            for (const bool transposed : {false, true}) {
                CAPTURE(device->name());
                CAPTURE(m);
                CAPTURE(transposed);
                const Product found = product(*device, m, k, n, transposed);
                CHECK(test::largest_difference(found.y, expected.y) < 1e-12);
                CHECK(test::largest_difference(found.d_w, expected.d_w) < 1e-12);
                CHECK(test::largest_difference(found.d_x, expected.d_x) < 1e-12);
            }
    }
}

TEST_CASE("matrix products give the same bits on any number of threads") {
    const auto one = open_device({.kind = "cpu", .threads = 1}), three = open_device({.kind = "cpu", .threads = 3});
    for (const auto& [m, k, n] : {std::array{700, 90, 300}, {45, 513, 1024}}) {
        const Product a = product(*one, m, k, n), b = product(*three, m, k, n);
        CHECK(a.y == b.y);
        CHECK(a.d_w == b.d_w);
        CHECK(a.d_x == b.d_x);
    }
}
