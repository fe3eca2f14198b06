#pragma once
#include "kernels/cuda/block/block_sum.hpp"
#include "kernels/network/ops.hpp"

namespace poseaug {

inline constexpr int kConcatParts = 4;

template <class T> struct ConcatRowsElement {
    View<const T> part[kConcatParts];
    View<T> whole;

    POSEAUG_HD void operator()(int r, int c) const {
        int row = r;
        for (int i = 0; i < kConcatParts; ++i) {
            if (row >= 0 && row < part[i].rows) whole(r, c) = part[i](row, c);
            row -= part[i].rows;
        }
    }
};

template <class T> struct ConcatRowsVjpElement {
    View<const T> d_whole;
    View<T> d_part[kConcatParts];
    int rows[kConcatParts];
    unsigned accumulate;

    POSEAUG_HD void operator()(int r, int c) const {
        int row = r;
        for (int i = 0; i < kConcatParts; ++i) {
            if (d_part[i] && row >= 0 && row < rows[i])
                add_or_store(d_whole(r, c), d_part[i](row, c), (accumulate >> i & 1U) != 0);
            row -= rows[i];
        }
    }
};

struct ConcatRowsKernels {
    using Params = ConcatRows;

    template <class T, class L> static void value(L& launch, const Call<T>& call) {
        launch.elements(ConcatRowsElement<T>{{call.in[0], call.in[1], call.in[2], call.in[3]}, call.out[0]},
                        call.out[0].rows, call.out[0].cols);
    }
    template <class T, class L> static void vjp(L& launch, const Call<T>& call) {
        launch.elements(ConcatRowsVjpElement<T>{call.d_out[0],
                                                {call.d_in[0], call.d_in[1], call.d_in[2], call.d_in[3]},
                                                {call.in[0].rows, call.in[1].rows, call.in[2].rows, call.in[3].rows},
                                                call.accumulate},
                        call.d_out[0].rows, call.d_out[0].cols);
    }
};

template <class T> struct ConcatColumnsElement {
    View<const T> part[kConcatParts];
    View<T> whole;

    POSEAUG_HD void operator()(int r, int c) const {
        int col = c;
        for (int i = 0; i < kConcatParts; ++i) {
            if (col >= 0 && col < part[i].cols) whole(r, c) = part[i](r, col);
            col -= part[i].cols;
        }
    }
};

template <class T> struct ConcatColumnsVjpElement {
    View<const T> d_whole;
    View<T> d_part[kConcatParts];
    int cols[kConcatParts];
    unsigned accumulate;

    POSEAUG_HD void operator()(int r, int c) const {
        int col = c;
        for (int i = 0; i < kConcatParts; ++i) {
            if (d_part[i] && col >= 0 && col < cols[i])
                add_or_store(d_whole(r, c), d_part[i](r, col), (accumulate >> i & 1U) != 0);
            col -= cols[i];
        }
    }
};

struct ConcatColumnsKernels {
    using Params = ConcatColumns;

    template <class T, class L> static void value(L& launch, const Call<T>& call) {
        launch.elements(ConcatColumnsElement<T>{{call.in[0], call.in[1], call.in[2], call.in[3]}, call.out[0]},
                        call.out[0].rows, call.out[0].cols);
    }
    template <class T, class L> static void vjp(L& launch, const Call<T>& call) {
        launch.elements(ConcatColumnsVjpElement<T>{call.d_out[0],
                                                   {call.d_in[0], call.d_in[1], call.d_in[2], call.d_in[3]},
                                                   {call.in[0].cols, call.in[1].cols, call.in[2].cols, call.in[3].cols},
                                                   call.accumulate},
                        call.d_out[0].rows, call.d_out[0].cols);
    }
};

inline constexpr int kPickedParts = 6;

template <class T> struct PickRowsElement {
    View<const T> part[kPickedParts];
    View<T> y;
    PickRows picked;

    POSEAUG_HD void operator()(int r, int c) const {
        int row = r;
        for (int k = 0; k < picked.runs; ++k) {
            const PickRows::Run run = picked.run[k];
            if (row >= 0 && row < run.count) y(r, c) = part[run.from](run.first + row, c);
            row -= run.count;
        }
    }
};

/// Every row of one input gathers the gradients of the runs that took it, in order.
template <class T> struct PickRowsVjpElement {
    View<const T> d_y;
    View<T> d_x;
    PickRows picked;
    int input;
    bool add;

    POSEAUG_HD void operator()(int r, int c) const {
        T sum = T(0);
        int begin = 0;
        for (int k = 0; k < picked.runs; ++k) {
            const PickRows::Run run = picked.run[k];
            const int row = r - run.first;
            if (run.from == input && row >= 0 && row < run.count) sum += d_y(begin + row, c);
            begin += run.count;
        }
        add_or_store(sum, d_x(r, c), add);
    }
};

struct PickRowsKernels {
    using Params = PickRows;

    template <class T, class L> static void value(L& launch, const Call<T>& call) {
        PickRowsElement<T> body{{}, call.out[0], call.attributes.template as<Params>()};
        for (int i = 0; i < kPickedParts; ++i) body.part[i] = call.in[i];
        launch.elements(body, call.out[0].rows, call.out[0].cols);
    }
    template <class T, class L> static void vjp(L& launch, const Call<T>& call) {
        const auto p = call.attributes.template as<Params>();
        for (int i = 0; i < kPickedParts; ++i)
            if (call.d_in[i])
                launch.elements(PickRowsVjpElement<T>{call.d_out[0], call.d_in[i], p, i, call.adds(i)},
                                call.d_in[i].rows, call.d_in[i].cols);
    }
};

} // namespace poseaug
