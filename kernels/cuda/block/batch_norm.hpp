#pragma once
#include "kernels/cuda/block/activation.hpp"

namespace poseaug {

// One block a row, one round a group of columns, so that the running statistics move in the groups' order.

template <class T, int Threads> struct BatchNormBlock {
    static constexpr int threads = Threads, phases = 5;
    struct Args {
        View<const T> x, weight, bias, linear_bias, residual;
        View<T> y, mean, inverse_std, running_mean, running_variance;
        DropoutMask<T> mask;
        T eps, momentum, slope;
        int groups;
        bool train, drops;
    };
    struct Shared {
        BlockSum<T, Threads> sum, square;
    };
    POSEAUG_HD static int rounds(const Args& a) { return a.groups; }

    template <int P> POSEAUG_HD static void phase(const Args& a, Shared& s, const Lane& lane) {
        if constexpr (P == 4) {
            normalise(a, s, lane);
        } else if (a.train) {
            if constexpr (P == 0) s.sum.put(lane.thread, sum_of_thread(a, lane));
            if constexpr (P == 1) s.sum.fold(lane.thread);
            if constexpr (P == 2) s.square.put(lane.thread, square_of_thread(a, lane, s.sum.total() / count(a)));
            if constexpr (P == 3) s.square.fold(lane.thread);
        }
    }

private:
    POSEAUG_HD static int width(const Args& a) { return a.x.cols / a.groups; }
    POSEAUG_HD static T count(const Args& a) { return static_cast<T>(width(a)); }

    POSEAUG_HD static T sum_of_thread(const Args& a, const Lane& lane) {
        const T* x = a.x.row(lane.block) + lane.round * width(a);
        T sum = T(0);
        for (int c = lane.thread; c < width(a); c += Threads) sum += x[c];
        return sum;
    }
    POSEAUG_HD static T square_of_thread(const Args& a, const Lane& lane, T mean) {
        const T* x = a.x.row(lane.block) + lane.round * width(a);
        T sum = T(0);
        for (int c = lane.thread; c < width(a); c += Threads) sum += (x[c] - mean) * (x[c] - mean);
        return sum;
    }
    POSEAUG_HD static void normalise(const Args& a, const Shared& s, const Lane& lane) {
        using std::sqrt;
        const int r = lane.block;
        const T linear_bias = a.linear_bias ? a.linear_bias(r, 0) : T(0);
        const T mean = a.train ? s.sum.total() / count(a) : a.running_mean(r, 0) - linear_bias;
        const T variance = a.train ? s.square.total() / count(a) : a.running_variance(r, 0);
        const T inverse_std = T(1) / sqrt(variance + a.eps);
        const T scale = a.weight(r, 0) * inverse_std;
        const T shift = a.bias(r, 0) - mean * scale;
        const int begin = lane.round * width(a), end = begin + width(a);
        for (int c = begin + lane.thread; c < end; c += Threads) {
            T v = rectify(a.x(r, c) * scale + shift, a.slope);
            if (a.drops) v *= a.mask(r, c);
            if (a.residual) v += a.residual(r, c);
            a.y(r, c) = v;
        }
        if (lane.thread != 0) return;
        a.mean(r, lane.round) = mean;
        a.inverse_std(r, lane.round) = inverse_std;
        if (!a.train) return;
        const T unbiased = s.square.total() / (count(a) - T(1));
        a.running_mean(r, 0) += a.momentum * (mean + linear_bias - a.running_mean(r, 0));
        a.running_variance(r, 0) += a.momentum * (unbiased - a.running_variance(r, 0));
    }
};

template <class T, int Threads> struct BatchNormVjpBlock {
    static constexpr int threads = Threads, phases = 3;
    struct Args {
        View<const T> x, weight, bias, mean, inverse_std, d_y;
        View<T> d_x, d_weight, d_bias, d_linear_bias, d_residual;
        bool add_x, add_weight, add_bias, add_linear_bias, add_residual;
        DropoutMask<T> mask;
        T slope;
        int groups;
        bool train, drops;
    };
    struct Shared {
        BlockSum<T, Threads> sum, dot;
        T d_weight, d_bias, d_linear_bias; ///< over the groups so far; thread 0's
    };
    POSEAUG_HD static int rounds(const Args& a) { return a.groups; }

    template <int P> POSEAUG_HD static void phase(const Args& a, Shared& s, const Lane& lane) {
        if constexpr (P == 0) sum_thread(a, s, lane);
        if constexpr (P == 1) {
            s.sum.fold(lane.thread);
            s.dot.fold(lane.thread);
        }
        if constexpr (P == 2) {
            if (a.d_x) store_d_x(a, s, lane);
            if (lane.thread == 0) add_up(a, s, lane);
        }
    }

private:
    POSEAUG_HD static int width(const Args& a) { return a.x.cols / a.groups; }

    /// The norm's statistics and parameters of a row and group.
    struct Row {
        T mean, inverse_std, weight, bias;
        POSEAUG_HD Row(const Args& a, const Lane& lane)
            : mean(a.mean(lane.block, lane.round)), inverse_std(a.inverse_std(lane.block, lane.round)),
              weight(a.weight(lane.block, 0)), bias(a.bias(lane.block, 0)) {}
        POSEAUG_HD T normalised(T x) const { return (x - mean) * inverse_std; }
    };
    /// Gradient of what the norm returned.
    POSEAUG_HD static T d_norm(const Args& a, const Row& row, T normalised, int r, int c) {
        T d = a.d_y(r, c);
        if (a.drops) d *= a.mask(r, c);
        return select(normalised * row.weight + row.bias > T(0), d, d * a.slope);
    }
    POSEAUG_HD static void sum_thread(const Args& a, Shared& s, const Lane& lane) {
        const int r = lane.block, begin = lane.round * width(a), end = begin + width(a);
        const Row row(a, lane);
        T sum = T(0), dot = T(0);
        for (int c = begin + lane.thread; c < end; c += Threads) {
            const T normalised = row.normalised(a.x(r, c));
            const T d = d_norm(a, row, normalised, r, c);
            sum += d;
            dot += d * normalised;
            if (a.d_residual) add_or_store(a.d_y(r, c), a.d_residual(r, c), a.add_residual);
        }
        s.sum.put(lane.thread, sum);
        s.dot.put(lane.thread, dot);
    }
    POSEAUG_HD static void store_d_x(const Args& a, const Shared& s, const Lane& lane) {
        const int r = lane.block, begin = lane.round * width(a), end = begin + width(a);
        const Row row(a, lane);
        const T n = static_cast<T>(width(a));
        const T mean_d = a.train ? s.sum.total() / n : T(0), mean_dot = a.train ? s.dot.total() / n : T(0);
        const T scale = row.weight * row.inverse_std;
        for (int c = begin + lane.thread; c < end; c += Threads) {
            const T normalised = row.normalised(a.x(r, c));
            const T d = d_norm(a, row, normalised, r, c);
            add_or_store((d - mean_d - normalised * mean_dot) * scale, a.d_x(r, c), a.add_x);
        }
    }
    POSEAUG_HD static void add_up(const Args& a, Shared& s, const Lane& lane) {
        const Row row(a, lane);
        const bool first = lane.round == 0;
        add_or_store(s.dot.total(), s.d_weight, !first);
        add_or_store(s.sum.total(), s.d_bias, !first);
        add_or_store(a.train ? T(0) : s.sum.total() * row.weight * row.inverse_std, s.d_linear_bias, !first);
        if (lane.round + 1 < a.groups) return;
        const int r = lane.block;
        if (a.d_weight) add_or_store(s.d_weight, a.d_weight(r, 0), a.add_weight);
        if (a.d_bias) add_or_store(s.d_bias, a.d_bias(r, 0), a.add_bias);
        if (a.d_linear_bias) add_or_store(s.d_linear_bias, a.d_linear_bias(r, 0), a.add_linear_bias);
    }
};

struct BatchNormKernels {
    using Params = BatchNorm;

    template <class T, class L> static void value(L& launch, const Call<T>& call) {
        if (is_wide_row(call.in[0].cols)) value_rows<kWideRowThreads>(launch, call);
        else value_rows<kRowThreads>(launch, call);
    }
    template <class T, class L> static void vjp(L& launch, const Call<T>& call) {
        if (is_wide_row(call.in[0].cols)) vjp_rows<kWideRowThreads>(launch, call);
        else vjp_rows<kRowThreads>(launch, call);
    }

private:
    static bool drops(const Params& p) { return p.train && p.dropout.rate != 0; }

    template <int Threads, class T, class L> static void value_rows(L& launch, const Call<T>& call) {
        const auto p = call.attributes.template as<Params>();
        launch.template blocks<BatchNormBlock<T, Threads>>(
            {call.in[0], call.in[1], call.in[2], call.in[3], call.in[4], call.out[0], call.out[1], call.out[2],
             call.state[0], call.state[1], DropoutMask<T>(p.dropout, call.in[5]), lit<T>(p.eps), lit<T>(p.momentum),
             lit<T>(p.slope), p.groups, p.train != 0, drops(p)},
            call.in[0].rows);
    }
    template <int Threads, class T, class L> static void vjp_rows(L& launch, const Call<T>& call) {
        const auto p = call.attributes.template as<Params>();
        launch.template blocks<BatchNormVjpBlock<T, Threads>>({call.in[0],
                                                               call.in[1],
                                                               call.in[2],
                                                               call.out[1],
                                                               call.out[2],
                                                               call.d_out[0],
                                                               call.d_in[0],
                                                               call.d_in[1],
                                                               call.d_in[2],
                                                               call.d_in[3],
                                                               call.d_in[4],
                                                               call.adds(0),
                                                               call.adds(1),
                                                               call.adds(2),
                                                               call.adds(3),
                                                               call.adds(4),
                                                               DropoutMask<T>(p.dropout, call.in[5]),
                                                               lit<T>(p.slope),
                                                               p.groups,
                                                               p.train != 0,
                                                               drops(p)},
                                                              call.in[0].rows);
    }
};

} // namespace poseaug
