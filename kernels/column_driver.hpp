#pragma once
#include "kernels/column_op.hpp"
#include "kernels/instructions.hpp"
#include "kernels/pack.hpp"
#include "kernels/tally.hpp"

#include <algorithm>

namespace poseaug {

// The CPU driver of column ops: packs of columns over the threads of the pool, in chunks of a fixed size.

/// Columns of a chunk, the same on any number of threads: whole runs of a loss.
inline constexpr int kColumnChunk = 4 * kLossRun;

template <class O, class T>
Columns<typename lanes_of<T>::type, typename O::In> load_inputs(const Call<T>& call, int c) {
    using P = typename lanes_of<T>::type;
    const int cols = column_count<O>(call.in[0].shape());
    Columns<P, typename O::In> columns;
    for_each_index(InIndex<O>{}, [&](auto i) {
        const View<const T>& view = call.in[i];
        for (int r = 0; r < O::In::rows[i]; ++r) {
            if (!view) slot<i>(columns)[r] = lit<P>(0);
            else if constexpr (is_common<O>(i)) slot<i>(columns)[r] = P(*input_element<O, i>(view, r, c, cols));
            else slot<i>(columns)[r] = lanes_of<T>::load(input_element<O, i>(view, r, c, cols));
        }
    });
    return columns;
}

template <class O, class T>
Columns<typename lanes_of<T>::type, typename O::Out> load_cotangents(const Call<T>& call, int c) {
    using P = typename lanes_of<T>::type;
    Columns<P, typename O::Out> d_out;
    for_each_index(OutIndex<O>{}, [&](auto j) {
        const View<const T>& view = call.d_out[j];
        for (int r = 0; r < O::Out::rows[j]; ++r)
            slot<j>(d_out)[r] = view ? lanes_of<T>::load(view.row(r) + c) : lit<P>(0);
    });
    return d_out;
}

/// Of two batches side by side the right one's packs begin where it begins, wherever that is.
template <class T> void expect_padding(std::string_view op, const View<const T>& view, int halves = 1) {
    constexpr int width = lanes_of<T>::width;
    const int batch = view.cols / halves, packed = (batch + width - 1) / width * width;
    if (view && view.stride < (halves - 1) * batch + packed)
        throw Error(std::string(op) + ": an operand's rows are not padded to whole SIMD packs");
}
template <class O, class T> void expect_padded_inputs(const Call<T>& call) {
    for (int i = 0; i < O::In::count; ++i) {
        const int halves = is_side_by_side<O>(i) ? 2 : 1;
        if (!is_common<O>(i)) expect_padding<T>(O::name, call.in[i], halves);
        expect_padding<T>(O::name, call.d_in[i], halves);
    }
}

template <class T> void add_or_store(const typename lanes_of<T>::type& value, T* to, bool add) {
    lanes_of<T>::store(add ? lanes_of<T>::load(to) + value : value, to);
}
/// The same for the first `count` lanes, where no padding follows.
template <class T> void add_or_store(const typename lanes_of<T>::type& value, T* to, bool add, int count) {
    constexpr int width = lanes_of<T>::width;
    if (count >= width) return add_or_store<T>(value, to, add);
    T lanes[width];
    lanes_of<T>::store(value, lanes);
    for (int k = 0; k < count; ++k) to[k] = add ? to[k] + lanes[k] : lanes[k];
}

/// Stores or adds the gradients that are wanted.
template <class O, class T>
void store_gradients(const Call<T>& call, const Columns<typename lanes_of<T>::type, typename O::In>& d_in, int c) {
    const int cols = column_count<O>(call.in[0].shape());
    for_each_index(InIndex<O>{}, [&](auto i) {
        if (!(O::differentiable >> i & 1U) || !call.d_in[i]) return;
        for (int r = 0; r < O::In::rows[i]; ++r) {
            T* const to = input_element<O, i>(call.d_in[i], r, c, cols);
            if constexpr (is_side_by_side<O>(i)) add_or_store<T>(slot<i>(d_in)[r], to, call.adds(i), cols - c);
            else add_or_store<T>(slot<i>(d_in)[r], to, call.adds(i));
        }
    });
}

template <class F> void for_column_chunks(Queue& queue, int cols, const F& f) {
    const int chunks = (cols + kColumnChunk - 1) / kColumnChunk;
    queue.pool->parallel_for(chunks, [&](int k) { f(k * kColumnChunk, std::min(cols, (k + 1) * kColumnChunk)); });
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
    expect_padded_inputs<O>(call);
    for_column_chunks(queue, column_count<O>(call.in[0].shape()), [&](int begin, int end) {
        for (int c = begin; c < end; c += lanes_of<T>::width) {
            const auto in = load_inputs<O>(call, c);
            Columns<P, typename O::Out> out;
            column_value<O, P>(params, in, out, InIndex<O>{}, OutIndex<O>{});
            for_each_index(OutIndex<O>{}, [&](auto j) {
                for (int r = 0; r < O::Out::rows[j]; ++r) lanes_of<T>::store(slot<j>(out)[r], call.out[j].row(r) + c);
            });
        }
    });
}

template <class O, class T> void column_vjp_cpu(Queue& queue, const Call<T>& call) {
    using P = typename lanes_of<T>::type;
    const auto params = call.attributes.template as<typename O::Params>();
    expect_padded_inputs<O>(call);
    for (int i = 0; i < O::Out::count; ++i) expect_padding<T>(O::name, call.d_out[i]);
    for_column_chunks(queue, column_count<O>(call.in[0].shape()), [&](int begin, int end) {
        for (int c = begin; c < end; c += lanes_of<T>::width) {
            const auto in = load_inputs<O>(call, c);
            const auto d_out = load_cotangents<O>(call, c);
            Columns<P, typename O::In> d_in;
            column_vjp<O, P>(params, in, d_out, d_in, InIndex<O>{}, OutIndex<O>{});
            store_gradients<O>(call, d_in, c);
        }
    });
}

/// A loss and, where they are wanted, the gradients of its total.
template <class O, class T> void column_loss_cpu(Queue& queue, const Call<T>& call) {
    using P = typename lanes_of<T>::type;
    constexpr int rows = O::Out::rows[0];
    const auto params = call.attributes.template as<typename O::Params>();
    const int cols = column_count<O>(call.in[0].shape());
    expect_padded_inputs<O>(call);
    const T count = T(static_cast<double>(cols));
    Columns<P, typename O::Out> cotangent;
    for (int r = 0; r < rows; ++r) slot<0>(cotangent)[r] = P(T(O::weight(params, r)) / count);
    const bool wanted = std::any_of(call.d_in, call.d_in + O::In::count, [](const View<T>& d) { return bool(d); });
    for_column_chunks(queue, cols, [&](int begin, int end) {
        for (int run = begin / kLossRun; run * kLossRun < end; ++run) {
            const int run_end = std::min(end, (run + 1) * kLossRun);
            T sum[rows];
            std::fill(sum, sum + rows, T(0.0));
            for (int c = run * kLossRun; c < run_end; c += lanes_of<T>::width) {
                const auto in = load_inputs<O>(call, c);
                Columns<P, typename O::Out> out;
                column_value<O, P>(params, in, out, InIndex<O>{}, OutIndex<O>{});
                for (int r = 0; r < rows; ++r) sum[r] += sum_lanes<T>(slot<0>(out)[r], c, run_end);
                if (!wanted) continue;
                Columns<P, typename O::In> d_in;
                column_vjp<O, P>(params, in, cotangent, d_in, InIndex<O>{}, OutIndex<O>{});
                store_gradients<O>(call, d_in, c);
            }
            for (int r = 0; r < rows; ++r) call.out[0](r, run) = sum[r] / count;
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

/// Bodies count whole: they compute all gradients, whichever are wanted. A loss adds each column's rows up and divides
/// once for every run.
template <class O> double column_flops(const Attributes&, const Shape* in, Direction direction, unsigned wanted) {
    static const double value = column_operations<O>(Direction::value), vjp = column_operations<O>(Direction::vjp);
    const int cols = column_count<O>(in[0]);
    const auto columns = static_cast<double>(cols);
    if (O::mean) {
        const double runs = loss_runs(cols);
        return columns * (value + O::Out::rows[0] + (wanted & O::differentiable ? vjp : 0)) + runs * O::Out::rows[0];
    }
    return columns * (direction == Direction::value ? value : vjp);
}

/// What people read of the columns of B poses.
template <class O> const char* input_columns(int i) {
    if (is_common<O>(i)) return "1";
    return is_side_by_side<O>(i) ? "2 B" : "B";
}

template <class O> KernelText column_text() {
    static_assert(std::size(O::inputs) == O::In::count && std::size(O::outputs) == O::Out::count,
                  "a column op names every input and output");
    const auto text = [](std::string_view name, int rows, const char* columns) {
        return OperandText{name, "(" + std::to_string(rows) + ", " + columns + ")"};
    };
    KernelText all{O::summary, O::formula, O::fuses, {}, {}, {}};
    for (int i = 0; i < O::In::count; ++i)
        all.inputs.push_back(text(O::inputs[i], input_rows<O>(i), input_columns<O>(i)));
    for (int j = 0; j < O::Out::count; ++j)
        all.outputs.push_back(text(O::outputs[j], O::Out::rows[j], O::mean ? "B / 64" : "B"));
    return all;
}

/// The CPU's entry points of a column op.
template <class O> CpuEntries column_entries() {
    CpuEntries entries{O::name, {}, {}};
    if constexpr (O::mean) {
        entries.f32.value.cpu = column_loss_cpu<O, float>;
        entries.f64.value.cpu = column_loss_cpu<O, double>;
    } else {
        entries.f32.value.cpu = column_value_cpu<O, float>;
        entries.f64.value.cpu = column_value_cpu<O, double>;
        if constexpr (O::differentiable != 0) {
            entries.f32.vjp.cpu = column_vjp_cpu<O, float>;
            entries.f64.vjp.cpu = column_vjp_cpu<O, double>;
        }
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
        static_assert(O::Out::count == 1 && O::differentiable != 0, "a loss has one output, and gradients");
        op.weight = [](const Attributes& attributes, int row) {
            return O::weight(attributes.as<typename O::Params>(), row);
        };
        op.dual = column_loss_cpu<O, Dual<double>>;
    } else {
        op.dual = column_value_cpu<O, Dual<double>>;
    }
    op.make_samples = O::samples;
    op.flops = column_flops<O>;
    op.text = column_text<O>();
    return op;
}

} // namespace poseaug
