#include "engine/registry.hpp"
#include "kernels/network/ops.hpp"
#include "kernels/pose/adversarial.hpp"
#include "kernels/pose/metrics.hpp"
#include "tests/workbench.hpp"

#include <algorithm>

// Every op on every device, at batches about the widths of warps and blocks, against the CPU in float64.

using namespace poseaug;
using test::Workbench;

namespace {

constexpr int kBatches[] = {1, 31, 33, 1024, 1025};

/// The input that tells a sample's batch, and how many of its columns are of one pose; 0: no columns are of poses.
struct PoseColumns {
    std::size_t input = 0;
    int of_one = 1;
};

PoseColumns pose_columns(const Op& op, const Attributes& attributes) {
    const auto in_groups = [](int nodes, int groups) { return PoseColumns{0, nodes * groups}; };
    const auto graph = [&]<class P>(P, int P::*nodes) {
        const auto p = attributes.as<P>();
        return in_groups(p.*nodes, p.groups);
    };
    if (op.name == GramColumns::name) return {0, 0};
    if (op.name == "matmul") return {1, 1};
    if (op.name == DiscriminatorLoss<1>::name || op.name == DiscriminatorLoss<5>::name) return {0, 2};
    if (op.name == BatchNorm::name) return in_groups(1, attributes.as<BatchNorm>().groups);
    if (op.name == SpreadNodes::name) return in_groups(1, attributes.as<SpreadNodes>().groups);
    if (op.name == SemanticGraph::name) return in_groups(16, attributes.as<SemanticGraph>().groups);
    if (op.name == StackNodes::name) return graph(StackNodes{}, &StackNodes::nodes);
    if (op.name == HopGraph::name) return graph(HopGraph{}, &HopGraph::nodes);
    if (op.name == PoolNodes::name) return graph(PoolNodes{}, &PoolNodes::nodes);
    if (op.name == SelectNodes::name) return graph(SelectNodes{}, &SelectNodes::from);
    if (op.name == NodeAttention::name) return graph(NodeAttention{}, &NodeAttention::nodes);
    return {};
}

bool is_mask(const Sample::Matrix& m) {
    return std::all_of(m.values.begin(), m.values.end(), [](double v) { return v == 0 || v == 1; });
}

/// A sample with other columns: its own again and again, each time a little different, but for masks.
Sample::Matrix widened(const Sample::Matrix& m, int cols) {
    Sample::Matrix wide{m.rows, cols, {}};
    const bool exact = is_mask(m);
    for (int r = 0; r < m.rows; ++r)
        for (int c = 0; c < cols; ++c) {
            const double v = m.values[static_cast<std::size_t>(r) * static_cast<std::size_t>(m.cols) +
                                      static_cast<std::size_t>(c % m.cols)];
            wide.values.push_back(exact || c < m.cols ? v : v * (1 + 0.01 * std::sin(0.7 * c + r)));
        }
    return wide;
}

/// The sample for another number of poses.
Sample of_batch(const Op& op, Sample sample, int batch) {
    const PoseColumns columns = pose_columns(op, sample.attributes);
    if (columns.of_one == 0) return sample;
    if (op.name == ConcatColumns::name) {
        for (auto& m : sample.in)
            if (!m.values.empty()) m = widened(m, batch);
        return sample;
    }
    const int poses = sample.in[columns.input].cols / columns.of_one;
    for (auto& m : sample.in)
        if (m.cols > 1 && m.cols % poses == 0) m = widened(m, m.cols / poses * batch);
    return sample;
}

/// All that an op writes, forward and backward, matrix by matrix; gradients are added to what was there.
template <class T> std::vector<std::vector<double>> results(Device& device, const Op& op, const Sample& sample) {
    Workbench<T> bench(device);
    Call<T> call;
    call.attributes = sample.attributes;
    Shape in[kMaxInputs], out[kMaxOutputs];
    for (std::size_t i = 0; i < sample.in.size(); ++i) {
        if (!sample.in[i].values.empty()) call.in[i] = bench.put(sample.in[i]);
        in[i] = call.in[i].shape();
    }
    for (std::size_t k = 0; k < sample.state.size(); ++k) call.state[k] = bench.put(sample.state[k]);
    op.shapes(call.attributes, in, out);
    for (int k = 0; k < op.outputs; ++k) call.out[k] = bench.arena.template matrix<T>(out[k].rows, out[k].cols);
    if (op.scratch) {
        const auto elements = static_cast<std::size_t>(op.scratch(call.attributes, in));
        call.scratch = static_cast<T*>(bench.arena.allocate(elements * sizeof(T)));
    }
    for (int i = 0; i < op.inputs; ++i)
        if (call.in[i] && (op.differentiable >> i & 1U))
            call.d_in[i] = bench.normal(in[i].rows, in[i].cols, 40U + static_cast<unsigned>(i));
    call.accumulate = ~0U;
    bench.stream.run(op, Direction::value, call);
    std::vector<std::vector<double>> all;
    for (int k = 0; k < op.outputs; ++k) all.push_back(bench.get(call.out[k]));
    for (int k = 0; k < op.states; ++k) all.push_back(bench.get(call.state[k]));
    for (int k = 0; k < op.outputs; ++k)
        if (!(op.auxiliary >> k & 1U))
            call.d_out[k] = bench.normal(out[k].rows, out[k].cols, 30U + static_cast<unsigned>(k));
    if (op.differentiable != 0 && !op.weight) bench.stream.run(op, Direction::vjp, call);
    for (int i = 0; i < op.inputs; ++i)
        if (call.d_in[i]) all.push_back(bench.get(call.d_in[i]));
    return all;
}

/// How many of the matrices that an op writes change smoothly. The percentages of joints nearer than thresholds, which
/// come last, jump where rounding takes a joint across one: they are compared in float64 alone.
std::size_t smooth_matrices(const Op& op, std::size_t all) { return op.name == PoseErrors::name ? 3 : all; }

/// The largest difference of the first `count` matrices, relative to the largest number of each.
double worst_of(const std::vector<std::vector<double>>& found, const std::vector<std::vector<double>>& expected,
                std::size_t count) {
    REQUIRE(found.size() == expected.size());
    double worst = 0;
    for (std::size_t k = 0; k < count; ++k) {
        double scale = 1;
        for (const double v : expected[k]) scale = std::max(scale, std::abs(v));
        const double d = test::largest_difference(found[k], expected[k]) / scale;
        if (std::isnan(d) || d > worst) worst = d; // a NaN is kept
    }
    return worst;
}

/// How many samples an op was tried on at a batch: none where it refuses so small a one.
int check_op(Device& device, Device& reference, const Op& op, int batch) {
    int tried = 0;
    for (const Sample& sample : op.samples()) {
        if (!sample.smooth) continue; // at a kink rounding decides
        const Sample wide = of_batch(op, sample, batch);
        std::vector<std::vector<double>> expected;
        if (!test::error_of([&] { expected = results<double>(reference, op, wide); }).empty()) continue;
        ++tried;
        const std::size_t all = expected.size();
        const double off64 = worst_of(results<double>(device, op, wide), expected, all),
                     off32 = worst_of(results<float>(device, op, wide), expected, smooth_matrices(op, all));
        CHECK_MESSAGE(off64 < 1e-9, std::string(op.name), ", ", sample.label, ", batch ", batch, ": float64 is off by ",
                      off64);
        CHECK_MESSAGE(off32 < 1e-3, std::string(op.name), ", ", sample.label, ", batch ", batch, ": float32 is off by ",
                      off32);
    }
    return tried;
}

} // namespace

TEST_CASE("on every device every op computes at any batch what the CPU does in float64") {
    const auto reference = open_device({.kind = "cpu", .threads = 1});
    for (const auto& device : test::devices())
        for (const Op& op : registry())
            for (const int batch : kBatches) {
                const int tried = check_op(*device, *reference, op, batch);
                // batch norm has no variance of one column, but evaluates one
                CHECK_MESSAGE(tried > 0, std::string(op.name), ", batch ", batch, ": no sample was tried");
            }
}
