#include "kernels/product/few_columns.hpp"

#include "engine/matmul.hpp"
#include "kernels/backends.hpp"
#include "tests/workbench.hpp"

#include <algorithm>

using namespace poseaug;
using test::Workbench;

namespace {

/// The code of every set of instructions that runs here.
std::vector<CpuEntries> all_entries() {
    std::vector<CpuEntries> all = {few_columns_entries()};
    for (const Instructions& variant : runnable_variants()) {
        std::vector<CpuEntries> entries;
        variant.list(entries);
        const auto found = std::ranges::find(entries, FewColumns::name, &CpuEntries::name);
        REQUIRE(found != entries.end());
        all.push_back(*found);
    }
    return all;
}

template <class T> Run<T> run_of(const CpuEntries& entries) {
    if constexpr (std::is_same_v<T, float>) return entries.f32.value.cpu;
    else return entries.f64.value.cpu;
}

struct Extents {
    int m, k, n;
};

/// A product within larger matrices, so that neither rows nor columns end where their memory does; around the result
/// stand sevens.
template <class T> Call<T> prepare(Workbench<T>& bench, Extents e, bool transposed) {
    Call<T> call;
    call.attributes = Attributes::of(FewColumns{transposed ? 1 : 0});
    call.in[0] =
        bench.normal(transposed ? e.k : e.m, (transposed ? e.m : e.k) + 3, 1).columns(2, transposed ? e.m : e.k);
    call.in[1] = bench.normal(e.k, e.n + 2, 2).columns(1, e.n);
    call.out[0] = bench.filled(e.m, e.n + 4, 7).columns(1, e.n);
    return call;
}

template <class T> double largest_error(const Call<T>& call, bool transposed) {
    const auto &a = call.in[0], &b = call.in[1];
    double worst = 0;
    for (int i = 0; i < call.out[0].rows; ++i)
        for (int j = 0; j < b.cols; ++j) {
            double sum = 0;
            for (int l = 0; l < b.rows; ++l) sum += double{transposed ? a(l, i) : a(i, l)} * double{b(l, j)};
            const double error = std::abs(sum - double{call.out[0](i, j)}) / std::sqrt(b.rows);
            if (std::isnan(error) || error > worst) worst = error;
        }
    return worst;
}

template <class T> void check_shapes(Device& device, const CpuEntries& entries, double tolerance) {
    for (int n = 1; n <= 40; ++n)
        for (const auto& [m, k] : {std::pair{1, 1}, {7, 37}, {19, 130}, {64, 32}})
            for (const bool transposed : {false, true}) {
                CAPTURE(m);
                CAPTURE(k);
                CAPTURE(n);
                CAPTURE(transposed);
                Workbench<T> bench(device);
                const Call<T> call = prepare(bench, {m, k, n}, transposed);
                run_of<T>(entries)(device.queue(), call);
                CHECK(largest_error(call, transposed) < tolerance);
                bool untouched = true;
                for (int i = 0; i < m; ++i)
                    for (const int j : {-1, n, n + 1, n + 2}) untouched = untouched && call.out[0](i, j) == T(7);
                CHECK(untouched);
            }
}

} // namespace

TEST_CASE("products of few columns are those of a plain loop, in all instructions and at any shape") {
    const auto device = open_device({.kind = "cpu", .threads = 2});
    for (const CpuEntries& entries : all_entries()) {
        check_shapes<float>(*device, entries, 3e-6);
        check_shapes<double>(*device, entries, 1e-14);
    }
}

TEST_CASE("products of few columns give the same bits on any number of threads") {
    for (const CpuEntries& entries : all_entries())
        for (const Extents& e : {Extents{1000, 1030, 1}, {517, 300, 5}, {300, 513, 17}, {900, 257, 32}})
            for (const bool transposed : {false, true}) {
                const auto on = [&](int threads) {
                    const auto device = open_device({.kind = "cpu", .threads = threads});
                    Workbench<float> bench(*device);
                    const Call<float> call = prepare(bench, e, transposed);
                    entries.f32.value.cpu(device->queue(), call);
                    return bench.get(call.out[0]);
                };
                CHECK(on(1) == on(2));
                CHECK(on(1) == on(3));
            }
}

TEST_CASE("matrix products of few columns go by the chosen instructions") {
    const auto device = open_device({.kind = "cpu", .threads = 2});
    Workbench<float> bench(*device);
    for (const int n : {2, 17, 32}) {
        Call<float> call = prepare(bench, {90, 70, n}, false);
        const auto entries = in_chosen_instructions(few_columns_entries());
        entries.f32.value.cpu(device->queue(), call);
        const auto expected = bench.get(call.out[0]);
        call.attributes = Attributes::of(MatMul{});
        call.out[0] = bench.filled(90, n, NAN);
        bench.stream.run(find_op(MatMul::name), Direction::value, call);
        CHECK(bench.get(call.out[0]) == expected);
    }
}
