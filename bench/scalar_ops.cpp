#include "bench/scalar_ops.hpp"

#include "kernels/pose/op_list.hpp"

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
        for_each_index(InIndex<O>{}, [&](auto i) {
            if (!(O::differentiable >> i & 1U) || !call.d_in[i]) return;
            for (int r = 0; r < O::In::rows[i]; ++r) {
                float& to = *input_element<O, i>(call.d_in[i], r, c, columns_of<O>(call));
                to = call.adds(i) ? to + slot<i>(d_in)[r] : slot<i>(d_in)[r];
            }
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
