#pragma once
#include "tests/kernels/cuda/compare.hpp"

#include "kernels/network/ops.hpp"
#include "kernels/pose/adversarial.hpp"
#include "kernels/registry.hpp"
#include "kernels/type_list.hpp"

#include <algorithm>

namespace poseaug::testing {

// An op's samples, widened to any batch: what the registry holds is enough to try its kernels on every size.

inline const Op& registered(std::string_view name) {
    static const std::vector<Op> ops = kernel_ops();
    const auto found = std::find_if(ops.begin(), ops.end(), [&](const Op& op) { return op.name == name; });
    if (found == ops.end()) throw Error("no op is named " + std::string(name));
    return *found;
}

/// Columns of an op's first input for each pose of a batch. Ops without overload have one.
template <class P> int columns_per_pose(const P&) { return 1; }
inline int columns_per_pose(const BatchNorm& p) { return p.groups; }
inline int columns_per_pose(const DiscriminatorLoss<1>::Params&) { return 2; }
inline int columns_per_pose(const DiscriminatorLoss<5>::Params&) { return 2; }
inline int columns_per_pose(const GramColumns&) { return kBones * kBones; } // of weights, not of poses
inline int columns_per_pose(const SpreadNodes& p) { return p.groups; }
inline int columns_per_pose(const StackNodes& p) { return p.nodes * p.groups; }
inline int columns_per_pose(const PoolNodes& p) { return p.nodes * p.groups; }
inline int columns_per_pose(const SelectNodes& p) { return p.from * p.groups; }
inline int columns_per_pose(const SemanticGraph& p) { return kJoints * p.groups; }
inline int columns_per_pose(const HopGraph& p) { return p.nodes * p.groups; }
inline int columns_per_pose(const NodeAttention& p) { return p.nodes * p.groups; }

/// Whether an op can be asked for a batch of this size.
template <class P> bool takes_batch(const P&, int) { return true; }
inline bool takes_batch(const BatchNorm& p, int batch) { return !p.train || batch > 1; }
inline bool takes_batch(const GramColumns&, int batch) { return batch == 1; }

/// Gives a call the sample's attributes, inputs and states. Inputs as wide as the first get `cols` columns, those twice
/// as wide twice as many: the sample's over and over, varied a little so that no two are the same.
template <class P, class T> void widen(OwnCall<T>& own, const Sample& sample, const P& params, int cols) {
    const auto put = [&](const Sample::Matrix& m) {
        const bool wide = sample.in[0].cols > 1 && m.cols % sample.in[0].cols == 0;
        if (m.values.empty()) return View<T>{};
        const View<T> view = own.empty({m.rows, wide ? m.cols / sample.in[0].cols * cols : m.cols});
        for (int r = 0; r < view.rows; ++r)
            for (int c = 0; c < view.cols; ++c) {
                const T varied = T(1) + T((c * 29 + r * 11) % 101) / T(4096);
                view(r, c) = static_cast<T>(m.values[static_cast<std::size_t>(r * m.cols + c % m.cols)]) * varied;
            }
        return view;
    };
    own.call.attributes = Attributes::of(params);
    for (std::size_t i = 0; i < sample.in.size(); ++i) own.call.in[i] = put(sample.in[i]);
    for (std::size_t k = 0; k < sample.state.size(); ++k) own.call.state[k] = put(sample.state[k]);
}

/// Compares the kernels K of an op with its CPU entries on a sample widened to `batch` poses: the value in both scalars,
/// and the vjp, storing and adding, in double, since gradients jump where an activation's input is zero but for rounding.
template <class K, class P>
void check_widened(const Op& op, const Sample& sample, int batch, Spacing spacing = Spacing::padded) {
    const auto params = sample.attributes.as<P>();
    if (!takes_batch(params, batch)) return;
    const int cols = batch * columns_per_pose(params);
    const std::string label = sample.label + ", batch " + std::to_string(batch);
    const auto prepare = [&](auto& own) { widen(own, sample, params, cols); };
    OpPair<K, float>(op, label, prepare, spacing).check_value();
    OpPair<K, double>(op, label, prepare, spacing).check_value();
    if (op.differentiable == 0) return;
    for (const unsigned accumulate : {0U, ~0U}) OpPair<K, double>(op, label, prepare, spacing).check_vjp(accumulate);
}

/// The same for all smooth samples at small batches, and for the first at large ones.
template <class K, class P> void sweep(const Op& op) {
    bool first = true;
    for (const Sample& sample : op.samples()) {
        if (!sample.smooth) continue; // at a kink rounding decides
        for (const int batch : kSmallBatches) check_widened<K, P>(op, sample, batch);
        if (first)
            for (const int batch : kLargeBatches) check_widened<K, P>(op, sample, batch);
        first = false;
    }
}

} // namespace poseaug::testing
