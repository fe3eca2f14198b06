#pragma once
#include "kernels/column_op.hpp"
#include "kernels/cuda/block/block_sum.hpp"
#include "kernels/cuda/block/grid.hpp"
#include "kernels/cuda/block/lane.hpp"

namespace poseaug {

// Column ops on a GPU: a thread a column. Batch-last makes neighbouring threads read neighbouring numbers, and loops
// are unrolled so that a column stays in registers.

template <class T, class R> POSEAUG_HD void load_column(const View<const T>* views, int c, Columns<T, R>& column) {
    for_each_index(std::make_index_sequence<R::count>{}, [&](auto i) {
        constexpr int rows = R::rows[i];
        for_each_index(std::make_index_sequence<rows>{}, [&](auto r) { slot<i>(column)[r] = views[i](r, c); });
    });
}

/// A view's column, from which nothing is loaded before it is asked for. An absent view is a column of `zero`; a branch
/// would hold the loads together, and with them all that they load in registers.
template <class T> struct LazyColumn {
    View<const T> view;
    int c;

    POSEAUG_HD LazyColumn(const View<const T>& from, const T& zero, int column)
        : view(from ? from : View<const T>{&zero, 1, 1, 0}), c(from ? column : 0) {}
    POSEAUG_HD T operator[](int r) const { return view(r, c); }
};

template <class T, class R>
POSEAUG_HD void load_cotangents(const View<const T>* views, const T& zero, int c, Columns<T, R>& column) {
    for_each_index(std::make_index_sequence<R::count>{}, [&](auto i) {
        constexpr int rows = R::rows[i];
        const LazyColumn<T> from(views[i], zero, c);
        for_each_index(std::make_index_sequence<rows>{}, [&](auto r) { slot<i>(column)[r] = from[r]; });
    });
}

template <class T, class R> POSEAUG_HD void store_column(const Columns<T, R>& column, const View<T>* views, int c) {
    for_each_index(std::make_index_sequence<R::count>{}, [&](auto j) {
        constexpr int rows = R::rows[j];
        for_each_index(std::make_index_sequence<rows>{}, [&](auto r) { views[j](r, c) = slot<j>(column)[r]; });
    });
}

template <class O, class T> struct ColumnValue {
    typename O::Params params;
    View<const T> in[O::In::count];
    View<T> out[O::Out::count];

    POSEAUG_HD void compute(int c, Columns<T, typename O::Out>& y) const {
        Columns<T, typename O::In> x;
        load_column<T, typename O::In>(in, c, x);
        column_value<O, T>(params, x, y, InIndex<O>{}, OutIndex<O>{});
    }
    POSEAUG_HD void operator()(int c) const {
        Columns<T, typename O::Out> y;
        compute(c, y);
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
        if (c >= static_cast<unsigned>(a.in[0].cols)) return;
        Columns<T, typename O::In> x;
        Columns<T, typename O::Out> y;
        load_column<T, typename O::In>(a.in, static_cast<int>(c), x);
        column_stage<O, P>(a.params, x, s.between[lane.thread], y, InIndex<O>{}, OutIndex<O>{});
        if constexpr (P + 1 == phases) store_column<T, typename O::Out>(y, a.out, static_cast<int>(c));
    }
};

/// Rows of the gradients before those of input `input`, of differentiable inputs alone.
template <class O> constexpr int gradient_rows_before(int input) {
    int rows = 0;
    for (int i = 0; i < input; ++i) rows += (O::differentiable >> i & 1U) != 0 ? O::In::rows[i] : 0;
    return rows;
}

/// Kernels that share a column's backward. Doubles take two registers each of the 255 that a thread has, and what is
/// stored last must be kept; so where a column is long, each kernel stores a part of the rows and makes no others.
template <class O, class T> constexpr int vjp_parts() {
    constexpr int kept =
        rows_in_all<typename O::In>() + rows_in_all<typename O::Out>() + gradient_rows_before<O>(O::In::count);
    return sizeof(T) == 8 && kept >= 140 ? kept / 70 : 1;
}

template <class O, class T> struct ColumnVjpArgs {
    typename O::Params params;
    View<const T> in[O::In::count], d_out[O::Out::count];
    View<T> d_in[O::In::count];
    unsigned accumulate;
    T scale; ///< of the cotangents: one over the number of columns for a mean
    T zero;
};

template <class O, class T, int Part> struct ColumnVjp : ColumnVjpArgs<O, T> {
    POSEAUG_HD void operator()(int c) const {
        Columns<T, typename O::In> d_x;
        gradients(c, d_x, InIndex<O>{}, OutIndex<O>{});
        for_each_index(InIndex<O>{}, [&](auto i) {
            constexpr int rows = O::In::rows[i];
            constexpr unsigned bit = 1U << i;
            if constexpr ((O::differentiable & bit) != 0) {
                if (!this->d_in[i]) return;
                const bool add = (this->accumulate & bit) != 0;
                for_each_index(std::make_index_sequence<rows>{}, [&](auto r) {
                    constexpr int all = gradient_rows_before<O>(O::In::count), parts = vjp_parts<O, T>();
                    constexpr int at = gradient_rows_before<O>(i) + r;
                    if constexpr (at * parts / all == Part) add_or_store(slot<i>(d_x)[r], this->d_in[i](r, c), add);
                });
            }
        });
    }

private:
    template <std::size_t... I, std::size_t... J>
    POSEAUG_HD void gradients(int c, Columns<T, typename O::In>& d_x, std::index_sequence<I...> inputs,
                              std::index_sequence<J...> outputs) const {
        if constexpr (Streamed<O>) {
            O::vjp(this->params, LazyColumn<T>(this->in[I], this->zero, c)...,
                   LazyColumn<T>(this->d_out[J], this->zero, c)..., slot<static_cast<int>(I)>(d_x)...);
        } else {
            Columns<T, typename O::In> x;
            Columns<T, typename O::Out> d_y;
            load_column<T, typename O::In>(this->in, c, x);
            load_cotangents<T, typename O::Out>(this->d_out, this->zero, O::mean ? 0 : c, d_y);
            if constexpr (O::mean)
                for_each_index(outputs, [&](auto j) {
                    constexpr int rows = O::Out::rows[j];
                    for_each_index(std::make_index_sequence<rows>{}, [&](auto r) { slot<j>(d_y)[r] *= this->scale; });
                });
            column_vjp<O, T>(this->params, x, d_y, d_x, inputs, outputs);
        }
    }
};

/// Sums the outputs of a chunk of columns a block, into `partial` (chunks, rows).
template <class O, class T> struct ColumnSumBlock {
    static constexpr int threads = kColumnChunk, phases = 3;
    static constexpr int rows = rows_in_all<typename O::Out>();
    struct Args {
        ColumnValue<O, T> op;
        T* partial;
    };
    struct Shared {
        BlockSum<T, threads> sum[rows];
    };

    template <int P> POSEAUG_HD static void phase(const Args& a, Shared& s, const Lane& lane) {
        if constexpr (P == 0) {
            const int c = lane.block * kColumnChunk + lane.thread;
            if (c < a.op.in[0].cols) put(a, s, lane, c);
            else
                for (int r = 0; r < rows; ++r) s.sum[r].put(lane.thread, T(0));
        }
        if constexpr (P == 1)
            for (int r = 0; r < rows; ++r) s.sum[r].fold(lane.thread);
        if constexpr (P == 2)
            if (lane.thread < rows)
                a.partial[static_cast<std::int64_t>(lane.block) * rows + lane.thread] = s.sum[lane.thread].total();
    }

private:
    POSEAUG_HD static void put(const Args& a, Shared& s, const Lane& lane, int c) {
        Columns<T, typename O::Out> y;
        a.op.compute(c, y);
        int at = 0;
        for_each_index(OutIndex<O>{}, [&](auto j) {
            constexpr int count = O::Out::rows[j];
            for_each_index(std::make_index_sequence<count>{},
                           [&](auto r) { s.sum[at++].put(lane.thread, slot<j>(y)[r]); });
        });
    }
};

/// A block a row of the outputs: the mean of the chunks' sums.
template <class O, class T> struct ColumnMeanBlock {
    static constexpr int threads = 256, phases = 3;
    static constexpr int rows = rows_in_all<typename O::Out>();
    struct Args {
        const T* partial;
        View<T> out[O::Out::count];
        int cols;
    };
    using Shared = BlockSum<T, threads>;

    template <int P> POSEAUG_HD static void phase(const Args& a, Shared& s, const Lane& lane) {
        if constexpr (P == 0) {
            const int chunks = (a.cols + kColumnChunk - 1) / kColumnChunk;
            T sum = T(0);
            for (int k = lane.thread; k < chunks; k += threads)
                sum += a.partial[static_cast<std::int64_t>(k) * rows + lane.block];
            s.put(lane.thread, sum);
        }
        if constexpr (P == 1) s.fold(lane.thread);
        if constexpr (P == 2)
            if (lane.thread == 0) store(a, lane.block, s.total() / static_cast<T>(a.cols));
    }

private:
    POSEAUG_HD static void store(const Args& a, int row, T mean) {
        for_each_index(OutIndex<O>{}, [&](auto j) {
            constexpr int count = O::Out::rows[j];
            if (row >= 0 && row < count) a.out[j](row, 0) = mean;
            row -= count;
        });
    }
};

template <class O> struct ColumnKernels {
    using Params = O; ///< bears the name

    template <class T, class L> static void value(L& launch, const Call<T>& call) {
        ColumnValue<O, T> op{call.attributes.template as<typename O::Params>(), {}, {}};
        for (int i = 0; i < O::In::count; ++i) op.in[i] = call.in[i];
        for (int j = 0; j < O::Out::count; ++j) op.out[j] = call.out[j];
        const int cols = call.in[0].cols;
        if constexpr (O::mean) {
            using Mean = ColumnMeanBlock<O, T>;
            typename Mean::Args mean{call.scratch, {}, cols};
            for (int j = 0; j < O::Out::count; ++j) mean.out[j] = call.out[j];
            launch.template blocks<ColumnSumBlock<O, T>>({op, call.scratch}, (cols + kColumnChunk - 1) / kColumnChunk);
            launch.template blocks<Mean>(mean, Mean::rows);
        } else if constexpr (Staged<O>) {
            using Block = ColumnStagesBlock<O, T>;
            launch.template blocks<Block>(op, blocks_along(cols, Block::threads));
        } else {
            launch.columns(op, cols);
        }
    }
    template <class T, class L> static void vjp(L& launch, const Call<T>& call) requires(O::differentiable != 0) {
        const int cols = call.in[0].cols;
        ColumnVjpArgs<O, T> op{call.attributes.template as<typename O::Params>(),
                               {},
                               {},
                               {},
                               call.accumulate,
                               T(1) / static_cast<T>(cols),
                               T(0)};
        for (int i = 0; i < O::In::count; ++i) op.in[i] = call.in[i];
        for (int j = 0; j < O::Out::count; ++j) op.d_out[j] = call.d_out[j];
        for (int i = 0; i < O::In::count; ++i) op.d_in[i] = call.d_in[i];
        for_each_index(std::make_index_sequence<vjp_parts<O, T>()>{},
                       [&](auto part) { launch.columns(ColumnVjp<O, T, part>{op}, cols); });
    }
};

} // namespace poseaug
