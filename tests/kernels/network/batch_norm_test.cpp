#include "kernels/network/ops.hpp"
#include "tests/workbench.hpp"

using namespace poseaug;
using test::Workbench;

namespace {

/// One row by the textbook: what comes out, and where the running statistics end.
struct Row {
    std::vector<double> y;
    double running_mean, running_variance;
};

Row by_hand(const BatchNorm& p, std::vector<double> x, double weight, double bias, double shift, double mean,
            double variance) {
    const std::size_t n = x.size() / static_cast<std::size_t>(p.groups);
    for (std::size_t first = 0; first < x.size(); first += n) {
        double m = mean, v = variance;
        if (p.train) {
            m = v = 0;
            for (std::size_t i = first; i < first + n; ++i) m += (x[i] + shift) / static_cast<double>(n);
            for (std::size_t i = first; i < first + n; ++i)
                v += (x[i] + shift - m) * (x[i] + shift - m) / static_cast<double>(n);
            mean += p.momentum * (m - mean);
            variance += p.momentum * (v * static_cast<double>(n) / static_cast<double>(n - 1) - variance);
        }
        for (std::size_t i = first; i < first + n; ++i) {
            const double y = (x[i] + shift - m) / std::sqrt(v + p.eps) * weight + bias;
            x[i] = y > 0 ? y : p.slope * y;
        }
    }
    return {x, mean, variance};
}

} // namespace

TEST_CASE("batch norm: training in groups and evaluation, with the bias of the product before") {
    for (const auto& device : test::devices())
        for (const BatchNorm& p :
             {BatchNorm{}, {.slope = 0.01, .groups = 3}, {.eps = 0.1, .momentum = 0.3, .slope = 0}, {.train = 0}}) {
            constexpr int rows = 3, cols = 36;
            Workbench<double> bench(*device);
            const auto x = bench.normal(rows, cols, 1, 3), weight = bench.normal(rows, 1, 2),
                       bias = bench.normal(rows, 1, 3), shift = bench.normal(rows, 1, 4),
                       mean = bench.normal(rows, 1, 5), variance = bench.filled(rows, 1, 2.5);
            const auto x0 = bench.get(x), w0 = bench.get(weight), b0 = bench.get(bias), s0 = bench.get(shift),
                       m0 = bench.get(mean), v0 = bench.get(variance);
            const auto y = bench.get(
                bench.run(find_op(BatchNorm::name), Attributes::of(p), {x, weight, bias, shift}, {mean, variance})[0]);
            for (std::size_t r = 0; r < rows; ++r) {
                const auto begin = static_cast<std::ptrdiff_t>(r * cols);
                const Row row =
                    by_hand(p, {x0.begin() + begin, x0.begin() + begin + cols}, w0[r], b0[r], s0[r], m0[r], v0[r]);
                CHECK(test::largest_difference({y.begin() + begin, y.begin() + begin + cols}, row.y) < 1e-12);
                CHECK(bench.get(mean)[r] == doctest::Approx(row.running_mean).epsilon(1e-12));
                CHECK(bench.get(variance)[r] == doctest::Approx(row.running_variance).epsilon(1e-12));
            }
        }
}

TEST_CASE("batch norm adds the residual after the dropout") {
    const auto device = open_device({.kind = "cpu", .threads = 1});
    Workbench<double> bench(*device);
    const auto x = bench.normal(1, 8, 1), one = bench.filled(1, 1, 1), none = bench.filled(1, 1, 5);
    const auto run = [&](double rate, View<double> residual, View<double> mask) {
        BatchNorm p;
        p.dropout.rate = rate;
        return bench.get(bench.run(find_op(BatchNorm::name), Attributes::of(p), {x, one, none, {}, residual, mask},
                                   {bench.filled(1, 1, 0), bench.filled(1, 1, 1)})[0]);
    };
    const auto plain = run(0, {}, {});
    const auto dropped = run(0.5, bench.filled(1, 8, 100), bench.put(1, 8, {1, 0, 1, 1, 0, 1, 1, 1}));
    for (const std::size_t i : {1, 4}) CHECK(dropped[i] == 100);
    for (const std::size_t i : {0, 2, 3}) CHECK(dropped[i] == doctest::Approx(2 * plain[i] + 100));
}

TEST_CASE("batch norm refuses a batch of one and groups that do not divide it") {
    const auto device = open_device({.kind = "cpu", .threads = 1});
    Workbench<double> bench(*device);
    const auto run = [&](int cols, int groups) {
        return test::error_of([&] {
            const auto one = bench.filled(2, 1, 1);
            bench.run(find_op(BatchNorm::name), Attributes::of(BatchNorm{.groups = groups}),
                      {bench.normal(2, cols, 1), one, one}, {one, one});
        });
    };
    CHECK(test::contains(run(1, 1), "batch_norm: a batch of 1 has no variance"));
    CHECK(test::contains(run(4, 4), "batch_norm: a batch of 1 has no variance"));
    CHECK(test::contains(run(7, 2), "batch_norm: 7 columns do not divide into 2 groups"));
    CHECK(run(8, 2).empty());
}
