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

template <class T> struct SliceElement {
    View<const T> x;
    View<T> y;
    int first;

    POSEAUG_HD void operator()(int r, int c) const { y(r, c) = x(r, first + c); }
};

template <class T> struct SliceVjpElement {
    View<const T> d_y;
    View<T> d_x;
    int first, count;
    bool add;

    POSEAUG_HD void operator()(int r, int c) const {
        const bool inside = c >= first && c < first + count;
        if (inside) add_or_store(d_y(r, c - first), d_x(r, c), add);
        else if (!add) d_x(r, c) = T(0);
    }
};

struct SliceColumnsKernels {
    using Params = SliceColumns;

    template <class T, class L> static void value(L& launch, const Call<T>& call) {
        const auto p = call.attributes.template as<Params>();
        launch.elements(SliceElement<T>{call.in[0], call.out[0], p.first}, call.in[0].rows, p.count);
    }
    template <class T, class L> static void vjp(L& launch, const Call<T>& call) {
        const auto p = call.attributes.template as<Params>();
        launch.elements(SliceVjpElement<T>{call.d_out[0], call.d_in[0], p.first, p.count, call.adds(0)},
                        call.d_in[0].rows, call.d_in[0].cols);
    }
};

template <class T> struct SelectElement {
    View<const T> x;
    View<T> y;
    SelectColumns chosen;

    POSEAUG_HD void operator()(int r, int c) const { y(r, c) = x(r, chosen.index[c]); }
};

/// Every column looks for itself among the chosen ones, so that one chosen twice gets both gradients without atomics.
template <class T> struct SelectVjpElement {
    View<const T> d_y;
    View<T> d_x;
    SelectColumns chosen;
    bool add;

    POSEAUG_HD void operator()(int r, int c) const {
        T sum = T(0);
        for (int k = 0; k < chosen.count; ++k)
            if (chosen.index[k] == c) sum += d_y(r, k);
        add_or_store(sum, d_x(r, c), add);
    }
};

struct SelectColumnsKernels {
    using Params = SelectColumns;

    template <class T, class L> static void value(L& launch, const Call<T>& call) {
        const auto p = call.attributes.template as<Params>();
        launch.elements(SelectElement<T>{call.in[0], call.out[0], p}, call.in[0].rows, p.count);
    }
    template <class T, class L> static void vjp(L& launch, const Call<T>& call) {
        launch.elements(
            SelectVjpElement<T>{call.d_out[0], call.d_in[0], call.attributes.template as<Params>(), call.adds(0)},
            call.d_in[0].rows, call.d_in[0].cols);
    }
};

/// One thread adds all terms, in order.
template <class T> struct WeightedSumElement {
    View<const T> x[kMaxInputs];
    View<T> y;
    WeightedSum terms;

    POSEAUG_HD void operator()(int, int) const {
        T sum = T(0);
        for (int i = 0; i < kMaxInputs; ++i)
            if (x[i]) sum += static_cast<T>(terms.weight[i]) * x[i](0, 0);
        y(0, 0) = sum;
    }
};

template <class T> struct WeightedSumVjpElement {
    View<const T> d_y;
    View<T> d_x[kMaxInputs];
    WeightedSum terms;
    unsigned accumulate;

    POSEAUG_HD void operator()(int, int) const {
        for (int i = 0; i < kMaxInputs; ++i)
            if (d_x[i])
                add_or_store(static_cast<T>(terms.weight[i]) * d_y(0, 0), d_x[i](0, 0), (accumulate >> i & 1U) != 0);
    }
};

struct WeightedSumKernels {
    using Params = WeightedSum;

    template <class T, class L> static void value(L& launch, const Call<T>& call) {
        WeightedSumElement<T> body{{}, call.out[0], call.attributes.template as<Params>()};
        for (int i = 0; i < kMaxInputs; ++i) body.x[i] = call.in[i];
        launch.elements(body, 1, 1);
    }
    template <class T, class L> static void vjp(L& launch, const Call<T>& call) {
        WeightedSumVjpElement<T> body{call.d_out[0], {}, call.attributes.template as<Params>(), call.accumulate};
        for (int i = 0; i < kMaxInputs; ++i) body.d_x[i] = call.d_in[i];
        launch.elements(body, 1, 1);
    }
};

} // namespace poseaug
