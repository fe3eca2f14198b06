#pragma once
#include "kernels/column_op.hpp"
#include "kernels/cuda/block/block_sum.hpp"
#include "kernels/cuda/block/lane.hpp"

namespace poseaug {

// Column ops on a GPU: a thread a column. Batch-last makes neighbouring threads read neighbouring numbers, and loops
// are unrolled so that a column stays in registers.

template <class T, class R> POSEAUG_HD void load_column(const View<const T>* views, int c, Columns<T, R>& column) {
    for_each_index(std::make_index_sequence<R::count>{}, [&](auto i) {
        constexpr int rows = R::rows[i];
        const View<const T>& view = views[i];
        for_each_index(std::make_index_sequence<rows>{},
                       [&](auto r) { slot<i>(column)[r] = view ? view(r, c) : T(0); });
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
        for_each_index(OutIndex<O>{}, [&](auto j) {
            constexpr int rows = O::Out::rows[j];
            for_each_index(std::make_index_sequence<rows>{}, [&](auto r) { out[j](r, c) = slot<j>(y)[r]; });
        });
    }
};

template <class O, class T> struct ColumnVjp {
    typename O::Params params;
    View<const T> in[O::In::count], d_out[O::Out::count];
    View<T> d_in[O::In::count];
    unsigned accumulate;
    T scale; ///< of the cotangents: one over the number of columns for a mean

    POSEAUG_HD void operator()(int c) const {
        Columns<T, typename O::In> x, d_x;
        Columns<T, typename O::Out> d_y;
        load_column<T, typename O::In>(in, c, x);
        load_column<T, typename O::Out>(d_out, O::mean ? 0 : c, d_y);
        if constexpr (O::mean)
            for_each_index(OutIndex<O>{}, [&](auto j) {
                constexpr int rows = O::Out::rows[j];
                for_each_index(std::make_index_sequence<rows>{}, [&](auto r) { slot<j>(d_y)[r] *= scale; });
            });
        column_vjp<O, T>(params, x, d_y, d_x, InIndex<O>{}, OutIndex<O>{});
        for_each_index(InIndex<O>{}, [&](auto i) {
            constexpr int rows = O::In::rows[i];
            constexpr unsigned bit = 1U << i;
            if constexpr ((O::differentiable & bit) != 0) {
                if (!d_in[i]) return;
                const bool add = (accumulate & bit) != 0;
                for_each_index(std::make_index_sequence<rows>{},
                               [&](auto r) { add_or_store(slot<i>(d_x)[r], d_in[i](r, c), add); });
            }
        });
    }
};

template <class O> constexpr int rows_of_outputs() {
    int sum = 0;
    for (const int rows : O::Out::rows) sum += rows;
    return sum;
}

/// Sums the outputs of a chunk of columns a block, into `partial` (chunks, rows).
template <class O, class T> struct ColumnSumBlock {
    static constexpr int threads = kColumnChunk, phases = 3;
    static constexpr int rows = rows_of_outputs<O>();
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
    static constexpr int rows = rows_of_outputs<O>();
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
        } else {
            launch.columns(op, cols);
        }
    }
    template <class T, class L> static void vjp(L& launch, const Call<T>& call) requires(O::differentiable != 0) {
        const int cols = call.in[0].cols;
        ColumnVjp<O, T> op{call.attributes.template as<typename O::Params>(),
                           {},
                           {},
                           {},
                           call.accumulate,
                           T(1) / static_cast<T>(cols)};
        for (int i = 0; i < O::In::count; ++i) op.in[i] = call.in[i];
        for (int j = 0; j < O::Out::count; ++j) op.d_out[j] = call.d_out[j];
        for (int i = 0; i < O::In::count; ++i) op.d_in[i] = call.d_in[i];
        launch.columns(op, cols);
    }
};

} // namespace poseaug
