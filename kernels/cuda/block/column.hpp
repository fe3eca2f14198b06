#pragma once
#include "kernels/column_op.hpp"
#include "kernels/cuda/block/block_sum.hpp"
#include "kernels/cuda/block/grid.hpp"
#include "kernels/cuda/block/lane.hpp"

namespace poseaug {

// Column ops on a GPU: a thread a column. Batch-last makes neighbouring threads read neighbouring numbers, and loops
// are unrolled so that a column stays in registers.

/// A view's column, from which nothing is loaded before it is asked for. An absent view is a column of `zero`; a branch
/// would hold the loads together, and with them all that they load in registers.
template <class T> struct LazyColumn {
    View<const T> view;
    int c;

    POSEAUG_HD LazyColumn(const View<const T>& from, const T& zero, int column)
        : view(from ? from : View<const T>{&zero, 1, 1, 0}), c(from ? column : 0) {}
    POSEAUG_HD T operator[](int r) const { return view(r, c); }
};

/// An input of which nothing is loaded before it is asked for.
template <class O, std::size_t I, class T> struct LazyInput {
    const View<const T>& view;
    int c, cols;

    POSEAUG_HD T operator[](int r) const { return *input_element<O, static_cast<int>(I)>(view, r, c, cols); }
};

/// Rows of the gradients before those of input `input`, of differentiable inputs alone.
template <class O> constexpr int gradient_rows_before(int input) {
    int rows = 0;
    for (int i = 0; i < input; ++i) rows += (O::differentiable >> i & 1U) != 0 ? O::In::rows[i] : 0;
    return rows;
}

/// What the kernels of an op share: constants, inputs and the gradients that are wanted.
template <class O, class T> struct ColumnInputs {
    typename O::Params params;
    View<const T> in[O::In::count];
    View<T> d_in[O::In::count];
    unsigned accumulate;
    int cols;

    explicit ColumnInputs(const Call<T>& call)
        : params(call.attributes.template as<typename O::Params>()), accumulate(call.accumulate),
          cols(column_count<O>(call.in[0].shape())) {
        for (int i = 0; i < O::In::count; ++i) {
            in[i] = call.in[i];
            d_in[i] = call.d_in[i];
        }
    }

    POSEAUG_HD void load(int c, Columns<T, typename O::In>& x) const {
        for_each_index(InIndex<O>{}, [&](auto i) {
            constexpr int input = i, rows = O::In::rows[i];
            for_each_index(std::make_index_sequence<rows>{},
                           [&](auto r) { slot<i>(x)[r] = *input_element<O, input>(in[i], r, c, cols); });
        });
    }
    /// The rows that are this part's, of so many parts.
    template <int Part = 0, int Parts = 1> POSEAUG_HD void store(int c, const Columns<T, typename O::In>& d_x) const {
        for_each_index(InIndex<O>{}, [&](auto i) {
            constexpr int input = i, rows = O::In::rows[i];
            constexpr unsigned bit = 1U << i;
            if constexpr ((O::differentiable & bit) != 0) {
                if (!d_in[i]) return;
                const bool add = (accumulate & bit) != 0;
                for_each_index(std::make_index_sequence<rows>{}, [&](auto r) {
                    constexpr int all = gradient_rows_before<O>(O::In::count), at = gradient_rows_before<O>(i) + r;
                    if constexpr (at * Parts / all == Part)
                        add_or_store(slot<i>(d_x)[r], *input_element<O, input>(d_in[i], r, c, cols), add);
                });
            }
        });
    }
};

template <class T, class R> POSEAUG_HD void store_column(const Columns<T, R>& column, const View<T>* views, int c) {
    for_each_index(std::make_index_sequence<R::count>{}, [&](auto j) {
        constexpr int rows = R::rows[j];
        for_each_index(std::make_index_sequence<rows>{}, [&](auto r) { views[j](r, c) = slot<j>(column)[r]; });
    });
}

template <class O, class T> struct ColumnValue {
    ColumnInputs<O, T> op;
    View<T> out[O::Out::count];

    POSEAUG_HD void operator()(int c) const {
        Columns<T, typename O::In> x;
        Columns<T, typename O::Out> y;
        op.load(c, x);
        column_value<O, T>(op.params, x, y, InIndex<O>{}, OutIndex<O>{});
        store_column<T, typename O::Out>(y, out, c);
    }
};

/// The barrier between stages makes the compiler forget the inputs.
template <class O, class T> struct ColumnStagesBlock {
    static constexpr int threads = kColumnThreads, phases = O::stages;
    using Args = ColumnValue<O, T>;
    struct Shared {
        typename O::template Between<T> between[threads];
    };

    template <int P> POSEAUG_HD static void phase(const Args& a, Shared& s, const Lane& lane) {
        const unsigned c =
            column_of_thread(static_cast<unsigned>(lane.block), threads, static_cast<unsigned>(lane.thread));
        if (c >= static_cast<unsigned>(a.op.cols)) return;
        Columns<T, typename O::In> x;
        Columns<T, typename O::Out> y;
        a.op.load(static_cast<int>(c), x);
        column_stage<O, P>(a.op.params, x, s.between[lane.thread], y, InIndex<O>{}, OutIndex<O>{});
        if constexpr (P + 1 == phases) store_column<T, typename O::Out>(y, a.out, static_cast<int>(c));
    }
};

/// Kernels that share a column's backward. Doubles take two registers each of the 255 that a thread has, and what is
/// stored last must be kept; so where a column is long, each kernel stores a part of the rows and makes no others.
template <class O, class T> constexpr int vjp_parts() {
    constexpr int kept =
        rows_in_all<typename O::In>() + rows_in_all<typename O::Out>() + gradient_rows_before<O>(O::In::count);
    return sizeof(T) == 8 && kept >= 140 ? kept / 70 : 1;
}

template <class O, class T> struct ColumnVjpArgs {
    ColumnInputs<O, T> op;
    View<const T> d_out[O::Out::count];
    T zero;
};

template <class O, class T, int Part> struct ColumnVjp : ColumnVjpArgs<O, T> {
    POSEAUG_HD void operator()(int c) const {
        Columns<T, typename O::In> d_x;
        gradients(c, d_x, InIndex<O>{}, OutIndex<O>{});
        this->op.template store<Part, vjp_parts<O, T>()>(c, d_x);
    }

private:
    template <std::size_t... I, std::size_t... J>
    POSEAUG_HD void gradients(int c, Columns<T, typename O::In>& d_x, std::index_sequence<I...> inputs,
                              std::index_sequence<J...> outputs) const {
        if constexpr (Streamed<O>) {
            O::vjp(this->op.params, LazyInput<O, I, T>{this->op.in[I], c, this->op.cols}...,
                   LazyColumn<T>(this->d_out[J], this->zero, c)..., slot<static_cast<int>(I)>(d_x)...);
        } else {
            Columns<T, typename O::In> x;
            Columns<T, typename O::Out> d_y;
            this->op.load(c, x);
            for_each_index(outputs, [&](auto j) {
                constexpr int rows = O::Out::rows[j];
                const LazyColumn<T> from(this->d_out[j], this->zero, c);
                for_each_index(std::make_index_sequence<rows>{}, [&](auto r) { slot<j>(d_y)[r] = from[r]; });
            });
            column_vjp<O, T>(this->op.params, x, d_y, d_x, inputs, outputs);
        }
    }
};

/// Phases that share the gradients of a loss: the barrier between makes the compiler forget the others, which a thread's
/// 255 registers could not hold.
template <class O, class T> constexpr int loss_parts() {
    constexpr int kept = (Streamed<O> ? 0 : rows_in_all<typename O::In>()) + gradient_rows_before<O>(O::In::count);
    constexpr int registers = kept * static_cast<int>(sizeof(T) / sizeof(float));
    return registers > 160 ? registers / 48 : 1;
}

/// A loss and, where they are wanted, the gradients of its total: a block a run of columns.
template <class O, class T> struct ColumnLossBlock {
    static constexpr int threads = kLossRun, phases = 3 + loss_parts<O, T>();
    static constexpr int rows = O::Out::rows[0];
    struct Args {
        ColumnInputs<O, T> op;
        View<T> out;
        T cotangent[rows]; ///< the weights over the number of columns
        bool wanted;       ///< any gradient

        explicit Args(const Call<T>& call) : op(call), out(call.out[0]), wanted(false) {
            for (int r = 0; r < rows; ++r)
                cotangent[r] = static_cast<T>(O::weight(op.params, r)) / static_cast<T>(op.cols);
            for (const View<T>& d : op.d_in) wanted = wanted || d;
        }
    };
    struct Shared {
        BlockSum<T, threads> sum[rows];
    };

    template <int P> POSEAUG_HD static void phase(const Args& a, Shared& s, const Lane& lane) {
        const int c = lane.block * threads + lane.thread;
        if constexpr (P == 0) put_value(a, s, lane.thread, c);
        if constexpr (P == 1)
            for (int r = 0; r < rows; ++r) s.sum[r].fold(lane.thread);
        if constexpr (P == 2)
            if (lane.thread < rows)
                a.out(lane.thread, lane.block) = s.sum[lane.thread].total() / static_cast<T>(a.op.cols);
        if constexpr (P >= 3)
            if (a.wanted && c < a.op.cols) store_gradients<P - 3>(a, c);
    }

private:
    POSEAUG_HD static void put_value(const Args& a, Shared& s, int thread, int c) {
        Columns<T, typename O::Out> y;
        for (int r = 0; r < rows; ++r) slot<0>(y)[r] = T(0);
        if (c < a.op.cols) value(a.op, c, y, InIndex<O>{});
        for_each_index(std::make_index_sequence<rows>{}, [&](auto r) { s.sum[r].put(thread, slot<0>(y)[r]); });
    }
    template <std::size_t... I>
    POSEAUG_HD static void value(const ColumnInputs<O, T>& op, int c, Columns<T, typename O::Out>& y,
                                 std::index_sequence<I...> inputs) {
        if constexpr (Streamed<O>) {
            O::value(op.params, LazyInput<O, I, T>{op.in[I], c, op.cols}..., slot<0>(y));
        } else {
            Columns<T, typename O::In> x;
            op.load(c, x);
            column_value<O, T>(op.params, x, y, inputs, OutIndex<O>{});
        }
    }
    template <int Part> POSEAUG_HD static void store_gradients(const Args& a, int c) {
        Columns<T, typename O::In> d_x;
        gradients(a, c, d_x, InIndex<O>{});
        a.op.template store<Part, loss_parts<O, T>()>(c, d_x);
    }
    template <std::size_t... I>
    POSEAUG_HD static void gradients(const Args& a, int c, Columns<T, typename O::In>& d_x,
                                     std::index_sequence<I...> inputs) {
        Columns<T, typename O::Out> d_y;
        for_each_index(std::make_index_sequence<rows>{}, [&](auto r) { slot<0>(d_y)[r] = a.cotangent[r]; });
        if constexpr (Streamed<O>) {
            O::vjp(a.op.params, LazyInput<O, I, T>{a.op.in[I], c, a.op.cols}..., slot<0>(d_y),
                   slot<static_cast<int>(I)>(d_x)...);
        } else {
            Columns<T, typename O::In> x;
            a.op.load(c, x);
            column_vjp<O, T>(a.op.params, x, d_y, d_x, inputs, OutIndex<O>{});
        }
    }
};

template <class O> struct ColumnKernels {
    using Params = O; ///< bears the name

    template <class T, class L> static void value(L& launch, const Call<T>& call) {
        if constexpr (O::mean) {
            const typename ColumnLossBlock<O, T>::Args loss(call);
            launch.template blocks<ColumnLossBlock<O, T>>(loss, loss_runs(loss.op.cols));
        } else {
            ColumnValue<O, T> op{ColumnInputs<O, T>(call), {}};
            for (int j = 0; j < O::Out::count; ++j) op.out[j] = call.out[j];
            if constexpr (Staged<O>) {
                using Block = ColumnStagesBlock<O, T>;
                launch.template blocks<Block>(op, blocks_along(op.op.cols, Block::threads));
            } else {
                launch.columns(op, op.op.cols);
            }
        }
    }
    template <class T, class L>
    static void vjp(L& launch, const Call<T>& call) requires(O::differentiable != 0 && !O::mean) {
        ColumnVjpArgs<O, T> op{ColumnInputs<O, T>(call), {}, T(0)};
        for (int j = 0; j < O::Out::count; ++j) op.d_out[j] = call.d_out[j];
        for_each_index(std::make_index_sequence<vjp_parts<O, T>()>{},
                       [&](auto part) { launch.columns(ColumnVjp<O, T, part>{op}, op.op.cols); });
    }
};

} // namespace poseaug
