#include "bench/scalar_ops.hpp"

#include "kernels/pose/op_list.hpp"

#include <algorithm>
#include <map>

namespace poseaug::bench {
namespace {

template <class O> int columns_of(const Call<float>& call) { return column_count<O>(call.in[0].shape()); }

template <class O> Columns<float, typename O::In> input_column(const Call<float>& call, int c) {
    Columns<float, typename O::In> column;
    for_each_index(InIndex<O>{}, [&](auto i) {
        const auto& view = call.in[i];
        for (int r = 0; r < O::In::rows[i]; ++r)
            slot<i>(column)[r] = view ? *input_element<O, i>(view, r, c, columns_of<O>(call)) : 0.0F;
    });
    return column;
}

template <class O> void store_gradients_of(const Call<float>& call, const Columns<float, typename O::In>& d_in, int c) {
    for_each_index(InIndex<O>{}, [&](auto i) {
        if (!(O::differentiable >> i & 1U) || !call.d_in[i]) return;
        for (int r = 0; r < O::In::rows[i]; ++r) {
            float& to = *input_element<O, i>(call.d_in[i], r, c, columns_of<O>(call));
            to = call.adds(i) ? to + slot<i>(d_in)[r] : slot<i>(d_in)[r];
        }
    });
}

template <class O> void scalar_value(Queue&, const Call<float>& call) {
    const auto params = call.attributes.as<typename O::Params>();
    for (int c = 0; c < columns_of<O>(call); ++c) {
        const auto in = input_column<O>(call, c);
        Columns<float, typename O::Out> out;
        column_value<O, float>(params, in, out, InIndex<O>{}, OutIndex<O>{});
        for_each_index(OutIndex<O>{}, [&](auto j) {
            for (int r = 0; r < O::Out::rows[j]; ++r) call.out[j](r, c) = slot<j>(out)[r];
        });
    }
}

template <class O> void scalar_vjp(Queue&, const Call<float>& call) {
    const auto params = call.attributes.as<typename O::Params>();
    for (int c = 0; c < columns_of<O>(call); ++c) {
        const auto in = input_column<O>(call, c);
        Columns<float, typename O::Out> d_out;
        for_each_index(OutIndex<O>{}, [&](auto j) {
            for (int r = 0; r < O::Out::rows[j]; ++r) slot<j>(d_out)[r] = call.d_out[j] ? call.d_out[j](r, c) : 0.0F;
        });
        Columns<float, typename O::In> d_in;
        column_vjp<O, float>(params, in, d_out, d_in, InIndex<O>{}, OutIndex<O>{});
        store_gradients_of<O>(call, d_in, c);
    }
}

/// A loss and, where they are wanted, the gradients of its total.
template <class O> void scalar_loss(Queue&, const Call<float>& call) {
    constexpr int rows = O::Out::rows[0];
    const auto params = call.attributes.as<typename O::Params>();
    const int cols = columns_of<O>(call);
    const auto count = static_cast<float>(cols);
    Columns<float, typename O::Out> cotangent;
    for (int r = 0; r < rows; ++r) slot<0>(cotangent)[r] = static_cast<float>(O::weight(params, r)) / count;
    const bool wanted = std::any_of(call.d_in, call.d_in + O::In::count, [](const auto& d) { return bool(d); });
    for (int run = 0; run < loss_runs(cols); ++run) {
        float sum[rows] = {};
        for (int c = run * kLossRun; c < std::min(cols, (run + 1) * kLossRun); ++c) {
            const auto in = input_column<O>(call, c);
            Columns<float, typename O::Out> out;
            column_value<O, float>(params, in, out, InIndex<O>{}, OutIndex<O>{});
            for (int r = 0; r < rows; ++r) sum[r] += slot<0>(out)[r];
            if (!wanted) continue;
            Columns<float, typename O::In> d_in;
            column_vjp<O, float>(params, in, cotangent, d_in, InIndex<O>{}, OutIndex<O>{});
            store_gradients_of<O>(call, d_in, c);
        }
        for (int r = 0; r < rows; ++r) call.out[0](r, run) = sum[r] / count;
    }
}

using ScalarEntries = std::map<std::string_view, Entries<float>>;

template <class O> void add_entries(ScalarEntries& all) {
    Entries<float>& entries = all[O::name];
    if constexpr (O::mean) {
        entries.value.cpu = scalar_loss<O>;
    } else {
        entries.value.cpu = scalar_value<O>;
        if constexpr (O::differentiable != 0) entries.vjp.cpu = scalar_vjp<O>;
    }
}

const ScalarEntries& scalar_entries() {
    static const ScalarEntries all = [] {
        ScalarEntries entries;
        for_each_type(PoseOps{}, [&]<class O>() { add_entries<O>(entries); });
        return entries;
    }();
    return all;
}

} // namespace

std::optional<Op> scalar_op(const Op& op) {
    const auto found = scalar_entries().find(op.name);
    if (found == scalar_entries().end()) return std::nullopt;
    Op scalar = op;
    scalar.f32 = found->second;
    return scalar;
}

} // namespace poseaug::bench
