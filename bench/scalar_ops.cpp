#include "bench/scalar_ops.hpp"

#include "kernels/pose/op_list.hpp"

#include <map>

namespace poseaug::bench {
namespace {

template <class R> Columns<float, R> column_of(const View<const float>* views, int c) {
    Columns<float, R> column;
    for_each_index(std::make_index_sequence<R::count>{}, [&](auto i) {
        for (int r = 0; r < R::rows[i]; ++r) slot<i>(column)[r] = views[i] ? views[i](r, c) : 0.0F;
    });
    return column;
}

template <class O> void scalar_value(Queue&, const Call<float>& call) {
    const auto params = call.attributes.as<typename O::Params>();
    for (int c = 0; c < call.in[0].cols; ++c) {
        const auto in = column_of<typename O::In>(call.in, c);
        Columns<float, typename O::Out> out;
        column_value<O, float>(params, in, out, InIndex<O>{}, OutIndex<O>{});
        for_each_index(OutIndex<O>{}, [&](auto j) {
            for (int r = 0; r < O::Out::rows[j]; ++r) call.out[j](r, c) = slot<j>(out)[r];
        });
    }
}

template <class O> void scalar_vjp(Queue&, const Call<float>& call) {
    const auto params = call.attributes.as<typename O::Params>();
    for (int c = 0; c < call.in[0].cols; ++c) {
        const auto in = column_of<typename O::In>(call.in, c);
        const auto d_out = column_of<typename O::Out>(call.d_out, c);
        Columns<float, typename O::In> d_in;
        column_vjp<O, float>(params, in, d_out, d_in, InIndex<O>{}, OutIndex<O>{});
        for_each_index(InIndex<O>{}, [&](auto i) {
            const View<float>& to = call.d_in[i];
            if (!(O::differentiable >> i & 1U) || !to) return;
            for (int r = 0; r < O::In::rows[i]; ++r)
                to(r, c) = call.adds(i) ? to(r, c) + slot<i>(d_in)[r] : slot<i>(d_in)[r];
        });
    }
}

using ScalarEntries = std::map<std::string_view, Entries<float>>;

/// Losses are left out: their packs also add up.
template <class O> void add_entries(ScalarEntries& all) {
    if constexpr (!O::mean) {
        Entries<float>& entries = all[O::name];
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
