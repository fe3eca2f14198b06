#pragma once
#include "kernels/column_op.hpp"
#include "kernels/instructions.hpp"
#include "kernels/pack.hpp"
#include "kernels/tally.hpp"

#include <algorithm>

namespace poseaug {

// The CPU driver of column ops: packs of columns over the threads of the pool, in chunks of a fixed size.

template <class T, class R> Columns<typename lanes_of<T>::type, R> load_columns(const View<const T>* views, int c) {
    using P = typename lanes_of<T>::type;
    Columns<P, R> columns;
    for_each_index(std::make_index_sequence<R::count>{}, [&](auto i) {
        const View<const T>& view = views[i];
        for (int r = 0; r < R::rows[i]; ++r)
            slot<i>(columns)[r] = view ? lanes_of<T>::load(view.row(r) + c) : lit<P>(0);
    });
    return columns;
}

template <class T> void expect_padding(std::string_view op, const View<const T>& view) {
    constexpr int width = lanes_of<T>::width;
    if (view && view.stride < (view.cols + width - 1) / width * width)
        throw Error(std::string(op) + ": an operand's rows are not padded to whole SIMD packs");
}

template <class T> void add_or_store(typename lanes_of<T>::type value, T* to, bool add) {
    lanes_of<T>::store(add ? lanes_of<T>::load(to) + value : value, to);
}

template <class F> void for_column_chunks(Queue& queue, int cols, const F& f) {
    const int chunks = (cols + kColumnChunk - 1) / kColumnChunk;
    queue.pool->parallel_for(chunks, [&](int k) { f(k, k * kColumnChunk, std::min(cols, (k + 1) * kColumnChunk)); });
}

/// Adds the lanes of `value` that stand for columns below `end`, in order.
template <class T> T sum_lanes(const typename lanes_of<T>::type& value, int c, int end) {
    T lanes[lanes_of<T>::width];
    lanes_of<T>::store(value, lanes);
    T sum = T(0.0);
    for (int i = 0; i < std::min(lanes_of<T>::width, end - c); ++i) sum += lanes[i];
    return sum;
}

template <class O, class T> void column_value_cpu(Queue& queue, const Call<T>& call) {
    using P = typename lanes_of<T>::type;
    const auto params = call.attributes.template as<typename O::Params>();
    const int cols = call.in[0].cols;
    for (int i = 0; i < O::In::count; ++i) expect_padding<T>(O::name, call.in[i]);
    for_column_chunks(queue, cols, [&](int, int begin, int end) {
        for (int c = begin; c < end; c += lanes_of<T>::width) {
            const auto in = load_columns<T, typename O::In>(call.in, c);
            Columns<P, typename O::Out> out;
            column_value<O, P>(params, in, out, InIndex<O>{}, OutIndex<O>{});
            for_each_index(OutIndex<O>{}, [&](auto j) {
                for (int r = 0; r < O::Out::rows[j]; ++r) lanes_of<T>::store(slot<j>(out)[r], call.out[j].row(r) + c);
            });
        }
    });
}

template <class O, class T> void column_mean_cpu(Queue& queue, const Call<T>& call) {
    using P = typename lanes_of<T>::type;
    const auto params = call.attributes.template as<typename O::Params>();
    const int cols = call.in[0].cols;
    const int chunks = (cols + kColumnChunk - 1) / kColumnChunk;
    for (int i = 0; i < O::In::count; ++i) expect_padding<T>(O::name, call.in[i]);
    constexpr int rows = rows_in_all<typename O::Out>();
    for_column_chunks(queue, cols, [&](int k, int begin, int end) {
        T* partial = call.scratch + static_cast<std::int64_t>(k) * rows;
        std::fill(partial, partial + rows, T(0.0));
        for (int c = begin; c < end; c += lanes_of<T>::width) {
            const auto in = load_columns<T, typename O::In>(call.in, c);
            Columns<P, typename O::Out> out;
            column_value<O, P>(params, in, out, InIndex<O>{}, OutIndex<O>{});
            int at = 0;
            for_each_index(OutIndex<O>{}, [&](auto j) {
                for (int r = 0; r < O::Out::rows[j]; ++r) partial[at++] += sum_lanes<T>(slot<j>(out)[r], c, end);
            });
        }
    });
    int at = 0;
    for (int j = 0; j < O::Out::count; ++j)
        for (int r = 0; r < O::Out::rows[j]; ++r, ++at) {
            T sum = T(0.0);
            for (int k = 0; k < chunks; ++k) sum += call.scratch[static_cast<std::int64_t>(k) * rows + at];
            call.out[j](r, 0) = sum / T(static_cast<double>(cols));
        }
}

template <class O, class T>
Columns<typename lanes_of<T>::type, typename O::Out> load_cotangents(const Call<T>& call, int c) {
    using P = typename lanes_of<T>::type;
    if constexpr (!O::mean) return load_columns<T, typename O::Out>(call.d_out, c);
    Columns<P, typename O::Out> d_out;
    for_each_index(OutIndex<O>{}, [&](auto j) {
        for (int r = 0; r < O::Out::rows[j]; ++r)
            slot<j>(d_out)[r] =
                call.d_out[j] ? P(call.d_out[j](r, 0) / T(static_cast<double>(call.in[0].cols))) : lit<P>(0);
    });
    return d_out;
}

template <class O, class T> void column_vjp_cpu(Queue& queue, const Call<T>& call) {
    using P = typename lanes_of<T>::type;
    const auto params = call.attributes.template as<typename O::Params>();
    for (int i = 0; i < O::In::count; ++i) expect_padding<T>(O::name, call.d_in[i]);
    if (!O::mean)
        for (int i = 0; i < O::Out::count; ++i) expect_padding<T>(O::name, call.d_out[i]);
    for_column_chunks(queue, call.in[0].cols, [&](int, int begin, int end) {
        for (int c = begin; c < end; c += lanes_of<T>::width) {
            const auto in = load_columns<T, typename O::In>(call.in, c);
            const auto d_out = load_cotangents<O, T>(call, c);
            Columns<P, typename O::In> d_in;
            column_vjp<O, P>(params, in, d_out, d_in, InIndex<O>{}, OutIndex<O>{});
            for_each_index(InIndex<O>{}, [&](auto i) {
                if (!(O::differentiable >> i & 1U) || !call.d_in[i]) return;
                for (int r = 0; r < O::In::rows[i]; ++r)
                    add_or_store<T>(slot<i>(d_in)[r], call.d_in[i].row(r) + c, call.adds(i));
            });
        }
    });
}

/// Operations on one column, the same for every column since bodies have no branches on values.
template <class O> double column_operations(Direction direction) {
    Columns<Tally, typename O::In> in, d_in;
    Columns<Tally, typename O::Out> out;
    for_each_index(InIndex<O>{}, [&](auto i) {
        for (int r = 0; r < O::In::rows[i]; ++r) slot<i>(in)[r] = Tally(0.5);
    });
    const typename O::Params params{};
    return operations_of([&] {
        if (direction == Direction::value) column_value<O, Tally>(params, in, out, InIndex<O>{}, OutIndex<O>{});
        else if constexpr (O::differentiable != 0)
            column_vjp<O, Tally>(params, in, out, d_in, InIndex<O>{}, OutIndex<O>{});
    });
}

/// Bodies count whole: they compute all gradients, whichever are wanted. A mean adds each column's outputs up and
/// divides once; its backward divides the gradients.
template <class O> double column_flops(const Attributes&, const Shape* in, Direction direction, unsigned) {
    static const double value = column_operations<O>(Direction::value), vjp = column_operations<O>(Direction::vjp);
    constexpr int averaged = O::mean ? rows_in_all<typename O::Out>() : 0;
    const double columns = in[0].cols;
    if (direction == Direction::value) return columns * (value + averaged);
    return O::differentiable != 0 ? columns * vjp + averaged : 0;
}

template <class R, std::size_t N>
std::vector<OperandText> operand_texts(const std::string_view (&names)[N], const char* columns) {
    static_assert(N == R::count, "a column op names every input and output");
    std::vector<OperandText> texts;
    for (std::size_t i = 0; i < N; ++i)
        texts.push_back({names[i], "(" + std::to_string(R::rows[i]) + ", " + columns + ")"});
    return texts;
}

template <class O> KernelText column_text() {
    return {O::summary,
            O::formula,
            O::fuses,
            operand_texts<typename O::In>(O::inputs, "B"),
            operand_texts<typename O::Out>(O::outputs, O::mean ? "1" : "B"),
            {}};
}

/// The CPU's entry points of a column op.
template <class O> CpuEntries column_entries() {
    CpuEntries entries{O::name, {}, {}};
    if constexpr (O::mean) {
        entries.f32.value.cpu = column_mean_cpu<O, float>;
        entries.f64.value.cpu = column_mean_cpu<O, double>;
    } else {
        entries.f32.value.cpu = column_value_cpu<O, float>;
        entries.f64.value.cpu = column_value_cpu<O, double>;
    }
    if constexpr (O::differentiable != 0) {
        entries.f32.vjp.cpu = column_vjp_cpu<O, float>;
        entries.f64.vjp.cpu = column_vjp_cpu<O, double>;
    }
    return entries;
}

/// The registry row of a column op.
template <class O> Op column_op() {
    Op op;
    op.name = O::name;
    op.source = O::source;
    op.inputs = O::In::count;
    op.outputs = O::Out::count;
    op.differentiable = O::differentiable;
    op.saved_in = (1U << O::In::count) - 1;
    op.shapes = column_shapes<O>;
    const CpuEntries entries = column_entries<O>();
    op.f32 = entries.f32;
    op.f64 = entries.f64;
    if constexpr (O::mean) {
        op.scratch = column_scratch<O>;
        op.dual = column_mean_cpu<O, Dual<double>>;
    } else {
        op.dual = column_value_cpu<O, Dual<double>>;
    }
    op.samples = O::samples;
    op.flops = column_flops<O>;
    op.text = column_text<O>();
    return op;
}

} // namespace poseaug
