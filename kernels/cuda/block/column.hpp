#pragma once
#include "kernels/column_op.hpp"
#include "kernels/cuda/block/block_sum.hpp"
#include "kernels/cuda/block/grid.hpp"
#include "kernels/cuda/block/lane.hpp"

namespace poseaug {

// Column ops on a GPU: a thread a column. Batch-last makes neighbouring threads read neighbouring numbers, and loops
// are unrolled so that a column stays in registers.

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
            const View<const T>& view = in[i];
            for_each_index(std::make_index_sequence<rows>{},
                           [&](auto r) { slot<i>(x)[r] = view ? *input_element<O, input>(view, r, c, cols) : T(0); });
        });
    }
    POSEAUG_HD void store(int c, const Columns<T, typename O::In>& d_x) const {
        for_each_index(InIndex<O>{}, [&](auto i) {
            constexpr int input = i, rows = O::In::rows[i];
            constexpr unsigned bit = 1U << i;
            if constexpr ((O::differentiable & bit) != 0) {
                if (!d_in[i]) return;
                const bool add = (accumulate & bit) != 0;
                for_each_index(std::make_index_sequence<rows>{}, [&](auto r) {
                    add_or_store(slot<i>(d_x)[r], *input_element<O, input>(d_in[i], r, c, cols), add);
                });
            }
        });
    }
};

template <class O, class T> struct ColumnValue {
    ColumnInputs<O, T> op;
    View<T> out[O::Out::count];

    POSEAUG_HD void operator()(int c) const {
        Columns<T, typename O::In> x;
        Columns<T, typename O::Out> y;
        op.load(c, x);
        column_value<O, T>(op.params, x, y, InIndex<O>{}, OutIndex<O>{});
        for_each_index(OutIndex<O>{}, [&](auto j) {
            constexpr int rows = O::Out::rows[j];
            for_each_index(std::make_index_sequence<rows>{}, [&](auto r) { out[j](r, c) = slot<j>(y)[r]; });
        });
    }
};

template <class O, class T> struct ColumnVjp {
    ColumnInputs<O, T> op;
    View<const T> d_out[O::Out::count];

    POSEAUG_HD void operator()(int c) const {
        Columns<T, typename O::In> x, d_x;
        Columns<T, typename O::Out> d_y;
        op.load(c, x);
        for_each_index(OutIndex<O>{}, [&](auto j) {
            constexpr int rows = O::Out::rows[j];
            const View<const T>& view = d_out[j];
            for_each_index(std::make_index_sequence<rows>{},
                           [&](auto r) { slot<j>(d_y)[r] = view ? view(r, c) : T(0); });
        });
        column_vjp<O, T>(op.params, x, d_y, d_x, InIndex<O>{}, OutIndex<O>{});
        op.store(c, d_x);
    }
};

/// A loss and, where they are wanted, the gradients of its total: a block a run of columns.
template <class O, class T> struct ColumnLossBlock {
    static constexpr int threads = kLossRun, phases = 3;
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
        if constexpr (P == 0) {
            const int c = lane.block * threads + lane.thread;
            if (c < a.op.cols) compute(a, s, lane, c);
            else
                for (int r = 0; r < rows; ++r) s.sum[r].put(lane.thread, T(0));
        }
        if constexpr (P == 1)
            for (int r = 0; r < rows; ++r) s.sum[r].fold(lane.thread);
        if constexpr (P == 2)
            if (lane.thread < rows)
                a.out(lane.thread, lane.block) = s.sum[lane.thread].total() / static_cast<T>(a.op.cols);
    }

private:
    POSEAUG_HD static void compute(const Args& a, Shared& s, const Lane& lane, int c) {
        Columns<T, typename O::In> x;
        Columns<T, typename O::Out> y;
        a.op.load(c, x);
        column_value<O, T>(a.op.params, x, y, InIndex<O>{}, OutIndex<O>{});
        for_each_index(std::make_index_sequence<rows>{}, [&](auto r) { s.sum[r].put(lane.thread, slot<0>(y)[r]); });
        if (!a.wanted) return;
        Columns<T, typename O::In> d_x;
        for_each_index(std::make_index_sequence<rows>{}, [&](auto r) { slot<0>(y)[r] = a.cotangent[r]; });
        column_vjp<O, T>(a.op.params, x, y, d_x, InIndex<O>{}, OutIndex<O>{});
        a.op.store(c, d_x);
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
            launch.columns(op, op.op.cols);
        }
    }
    template <class T, class L>
    static void vjp(L& launch, const Call<T>& call) requires(O::differentiable != 0 && !O::mean) {
        ColumnVjp<O, T> op{ColumnInputs<O, T>(call), {}};
        for (int j = 0; j < O::Out::count; ++j) op.d_out[j] = call.d_out[j];
        launch.columns(op, op.op.cols);
    }
};

} // namespace poseaug
