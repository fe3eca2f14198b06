#pragma once
#include "kernels/cuda/block/block_sum.hpp"
#include "kernels/cuda/block/dropout_mask.hpp"
#include "kernels/cuda/block/lane.hpp"
#include "kernels/elementary.hpp"

namespace poseaug {

/// f(v) = v for v > 0, slope v else.
template <class T> POSEAUG_HD T rectify(T v, T slope) { return select(v > T(0), v, v * slope); }

template <class T> struct BiasActivationElement {
    View<const T> x, bias, residual;
    View<T> y;
    T slope;

    POSEAUG_HD void operator()(int r, int c) const {
        T v = x(r, c);
        if (bias) v += bias(r, 0);
        if (residual) v += residual(r, c);
        y(r, c) = rectify(v, slope);
    }
};

/// A block a row: gradients of the elements, and their sum for the bias.
template <class T, int Threads> struct BiasActivationVjpBlock {
    static constexpr int threads = Threads, phases = 3;
    struct Args {
        View<const T> y, d_y;
        View<T> d_x, d_bias, d_residual;
        bool add_x, add_bias, add_residual;
        T slope;
    };
    struct Shared {
        BlockSum<T, Threads> sum;
    };

    template <int P> POSEAUG_HD static void phase(const Args& a, Shared& s, const Lane& lane) {
        const int r = lane.block;
        if constexpr (P == 0) {
            T sum = T(0);
            for (int c = lane.thread; c < a.y.cols; c += Threads) {
                const T d_y = a.d_y(r, c);
                const T d = select(a.y(r, c) > T(0), d_y, d_y * a.slope);
                if (a.d_x) add_or_store(d, a.d_x(r, c), a.add_x);
                if (a.d_residual) add_or_store(d, a.d_residual(r, c), a.add_residual);
                sum += d;
            }
            s.sum.put(lane.thread, sum);
        } else if constexpr (P == 1) {
            s.sum.fold(lane.thread);
        } else if (lane.thread == 0 && a.d_bias) {
            add_or_store(s.sum.total(), a.d_bias(r, 0), a.add_bias);
        }
    }
};

struct BiasActivationKernels {
    using Params = BiasActivation;

    template <class T, class L> static void value(L& launch, const Call<T>& call) {
        const auto slope = lit<T>(call.attributes.template as<Params>().slope);
        launch.elements(BiasActivationElement<T>{call.in[0], call.in[1], call.in[2], call.out[0], slope},
                        call.in[0].rows, call.in[0].cols);
    }
    template <class T, class L> static void vjp(L& launch, const Call<T>& call) {
        if (is_wide_row(call.out[0].cols)) vjp_rows<kWideRowThreads>(launch, call);
        else vjp_rows<kRowThreads>(launch, call);
    }

private:
    template <int Threads, class T, class L> static void vjp_rows(L& launch, const Call<T>& call) {
        const auto slope = lit<T>(call.attributes.template as<Params>().slope);
        launch.template blocks<BiasActivationVjpBlock<T, Threads>>({call.out[0], call.d_out[0], call.d_in[0],
                                                                    call.d_in[1], call.d_in[2], call.adds(0),
                                                                    call.adds(1), call.adds(2), slope},
                                                                   call.out[0].rows);
    }
};

template <class T> struct TanhElement {
    View<const T> x;
    View<T> y;

    POSEAUG_HD void operator()(int r, int c) const { y(r, c) = tanh_of(x(r, c)); }
};

template <class T> struct TanhVjpElement {
    View<const T> y, d_y;
    View<T> d_x;
    bool add;

    POSEAUG_HD void operator()(int r, int c) const {
        const T v = y(r, c);
        add_or_store(d_y(r, c) * (T(1) - v * v), d_x(r, c), add);
    }
};

struct TanhKernels {
    using Params = Tanh;

    template <class T, class L> static void value(L& launch, const Call<T>& call) {
        launch.elements(TanhElement<T>{call.in[0], call.out[0]}, call.in[0].rows, call.in[0].cols);
    }
    template <class T, class L> static void vjp(L& launch, const Call<T>& call) {
        launch.elements(TanhVjpElement<T>{call.out[0], call.d_out[0], call.d_in[0], call.adds(0)}, call.out[0].rows,
                        call.out[0].cols);
    }
};

template <class T> struct DropoutElement {
    View<const T> from;
    View<T> to;
    DropoutMask<T> mask;
    bool add;

    POSEAUG_HD void operator()(int r, int c) const { add_or_store(from(r, c) * mask(r, c), to(r, c), add); }
};

struct DropoutKernels {
    using Params = Dropout;

    template <class T, class L> static void value(L& launch, const Call<T>& call) {
        apply(launch, call, call.in[0], call.out[0], false);
    }
    template <class T, class L> static void vjp(L& launch, const Call<T>& call) {
        if (call.d_in[0]) apply(launch, call, call.d_out[0], call.d_in[0], call.adds(0));
    }

private:
    template <class T, class L>
    static void apply(L& launch, const Call<T>& call, const View<const T>& from, const View<T>& to, bool add) {
        const DropoutMask<T> mask(call.attributes.template as<Params>(), call.in[1]);
        launch.elements(DropoutElement<T>{from, to, mask, add}, from.rows, from.cols);
    }
};

} // namespace poseaug
