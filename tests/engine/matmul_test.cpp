#include "engine/matmul.hpp"
#include "tests/workbench.hpp"

using namespace poseaug;
using test::Workbench;

namespace {

struct Product {
    std::vector<double> y, d_w, d_x;
};

/// Value and gradients, the latter added to twos.
Product product(Device& device, int m, int k, int n) {
    Workbench<double> bench(device);
    Call<double> call;
    call.in[0] = bench.normal(m, k, 1);
    call.in[1] = bench.normal(k, n, 2);
    call.d_out[0] = bench.normal(m, n, 3);
    call.out[0] = bench.filled(m, n, NAN);
    call.d_in[0] = bench.filled(m, k, 2);
    call.d_in[1] = bench.filled(k, n, 2);
    call.accumulate = 0b11;
    const Op& op = find_op(MatMul::name);
    bench.stream.run(op.f64.value, call);
    bench.stream.run(op.f64.vjp, call);
    return {bench.get(call.out[0]), bench.get(call.d_in[0]), bench.get(call.d_in[1])};
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
        for (const auto& device : devices) {
            CAPTURE(device->name());
            CAPTURE(m);
            const Product found = product(*device, m, k, n);
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
