#include "engine/registry.hpp"

#include "tests/workbench.hpp"

#include <algorithm>
#include <set>

using namespace poseaug;

TEST_CASE("ops have names of their own, by which they are found") {
    std::set<std::string_view> names;
    for (const Op& op : registry()) {
        CHECK_MESSAGE(names.insert(op.name).second, op.name, " is registered twice");
        CHECK(&find_op(op.name) == &op);
        CHECK(op.inputs <= kMaxInputs);
        CHECK(op.outputs <= kMaxOutputs);
        CHECK(op.states <= kMaxStates);
    }
    CHECK(names.count("matmul") == 1);
    CHECK(names.count("batch_norm") == 1);
    CHECK(names.count("project") == 1);
}

namespace {

/// A sample's matrix repeated to `cols` columns.
Sample::Matrix widened(const Sample::Matrix& m, int cols) {
    Sample::Matrix wide{m.rows, cols, {}};
    for (int r = 0; r < m.rows; ++r)
        for (int c = 0; c < cols; ++c)
            wide.values.push_back(m.values[static_cast<std::size_t>(r * m.cols + c % m.cols)]);
    return wide;
}

/// Outputs, states and gradients of an op on its sample, with every matrix that is as wide as the first, or twice, repeated.
std::vector<std::vector<double>> everything(Device& device, const Op& op, const Sample& sample) {
    // whole ones, so that groups and nodes still fit; gram_columns is of weights, which have no batch
    const int repeats = op.name == "gram_columns" ? 1 : 1 + 2200 / std::max(1, sample.in[0].cols);
    test::Workbench<float> bench(device);
    Call<float> call;
    call.attributes = sample.attributes;
    Shape in[kMaxInputs], out[kMaxOutputs];
    for (std::size_t i = 0; i < sample.in.size(); ++i) {
        const Sample::Matrix& m = sample.in[i];
        if (m.values.empty()) continue;
        const bool wide = m.cols > 1 && m.cols % sample.in[0].cols == 0;
        call.in[i] = bench.put(wide ? widened(m, repeats * m.cols) : m);
        in[i] = call.in[i].shape();
    }
    for (std::size_t k = 0; k < sample.state.size(); ++k) call.state[k] = bench.put(sample.state[k]);
    op.shapes(call.attributes, in, out);
    for (int j = 0; j < op.outputs; ++j) call.out[j] = bench.filled(out[j].rows, out[j].cols, 0);
    if (op.scratch) call.scratch = bench.filled(1, static_cast<int>(op.scratch(call.attributes, in)), 0).data;
    for (int i = 0; i < op.inputs; ++i)
        if (call.in[i] && (op.differentiable >> i & 1U)) call.d_in[i] = bench.filled(in[i].rows, in[i].cols, 0);
    bench.stream.run(op, Direction::value, call);
    std::vector<std::vector<double>> all;
    for (int j = 0; j < op.outputs; ++j) all.push_back(bench.get(call.out[j]));
    for (int k = 0; k < op.states; ++k) all.push_back(bench.get(call.state[k]));
    for (int j = 0; j < op.outputs; ++j)
        if (!(op.auxiliary >> j & 1U)) call.d_out[j] = bench.normal(out[j].rows, out[j].cols, 5);
    if (!op.weight && op.differentiable != 0) bench.stream.run(op, Direction::vjp, call);
    for (int i = 0; i < op.inputs; ++i)
        if (call.d_in[i]) all.push_back(bench.get(call.d_in[i]));
    return all;
}

} // namespace

TEST_CASE(
    "every op but the matrix product, which has a test of its own, gives the same bits on any number of threads") {
    const auto one = open_device({.kind = "cpu", .threads = 1}), three = open_device({.kind = "cpu", .threads = 3});
    for (const Op& op : registry()) {
        if (op.name == "matmul") continue;
        const Sample sample = op.samples().front();
        CHECK_MESSAGE(everything(*one, op, sample) == everything(*three, op, sample), op.name);
    }
}

TEST_CASE("an op's samples are the same whatever was sampled before") {
    const Op& op = registry().front();
    const auto values = [&] { return op.samples().front().in.front().values; };
    const auto first = values();
    CHECK(registry().back().samples().size() > 0);
    CHECK(values() == first);
}
