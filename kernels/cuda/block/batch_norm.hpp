#pragma once
#include "kernels/cuda/block/activation.hpp"

namespace poseaug {

// One block a row, one round a group of columns, so that the running statistics move in the groups' order. A group that
// fits on chip is read once; of a longer one each element is read twice, once for the statistics.

/// Columns of a group that a block keeps in shared memory.
inline constexpr int kOnChipColumns = 1024;

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
        T x[kOnChipColumns]; ///< each thread's own columns, so that no other reads them
    };
    POSEAUG_HD static int rounds(const Args& a) { return a.groups; }

    template <int P> POSEAUG_HD static void phase(const Args& a, Shared& s, const Lane& lane) {
        if constexpr (P == 4) {
            normalise(a, s, lane);
        } else if (a.train && fits(a)) {
            if constexpr (P == 0) s.sum.put(lane.thread, sum_and_keep(a, s, lane));
            if constexpr (P == 1) s.sum.fold(lane.thread);
            if constexpr (P == 2) s.square.put(lane.thread, square_of_kept(a, s, lane));
            if constexpr (P == 3) s.square.fold(lane.thread);
        } else if (a.train) {
            if constexpr (P == 0) put_shifted_sums(a, s, lane);
            if constexpr (P == 1) {
                s.sum.fold(lane.thread);
                s.square.fold(lane.thread);
            }
        }
    }

private:
    POSEAUG_HD static int width(const Args& a) { return a.x.cols / a.groups; }
    POSEAUG_HD static bool fits(const Args& a) { return width(a) <= kOnChipColumns; }
    POSEAUG_HD static T count(const Args& a) { return static_cast<T>(width(a)); }
    POSEAUG_HD static const T* group(const Args& a, const Lane& lane) {
        return a.x.row(lane.block) + lane.round * width(a);
    }

    POSEAUG_HD static T sum_and_keep(const Args& a, Shared& s, const Lane& lane) {
        const T* x = group(a, lane);
        T sum = T(0);
        for (int c = lane.thread; c < width(a); c += Threads) {
            s.x[c] = x[c];
            sum += x[c];
        }
        return sum;
    }
    POSEAUG_HD static T square_of_kept(const Args& a, const Shared& s, const Lane& lane) {
        const T mean = s.sum.total() / count(a);
        T sum = T(0);
        for (int c = lane.thread; c < width(a); c += Threads) sum += (s.x[c] - mean) * (s.x[c] - mean);
        return sum;
    }
    /// Sums of x and of its square about one of the row's own numbers, so that little cancels in the variance.
    POSEAUG_HD static void put_shifted_sums(const Args& a, Shared& s, const Lane& lane) {
        const T* x = group(a, lane);
        const T shift = x[0];
        T sum = T(0), square = T(0);
        for (int c = lane.thread; c < width(a); c += Threads) {
            const T d = x[c] - shift;
            sum += d;
            square += d * d;
        }
        s.sum.put(lane.thread, sum);
        s.square.put(lane.thread, square);
    }

    /// Mean, and the sum of squares about it.
    struct Statistics {
        T mean, square;
    };
    POSEAUG_HD static Statistics statistics(const Args& a, const Shared& s, const Lane& lane) {
        if (fits(a)) return {s.sum.total() / count(a), s.square.total()};
        const T mean = s.sum.total() / count(a);
        const T square = s.square.total() - s.sum.total() * mean;
        return {group(a, lane)[0] + mean, select(square > T(0), square, T(0))};
    }

    POSEAUG_HD static void normalise(const Args& a, const Shared& s, const Lane& lane) {
        using std::sqrt;
        const int r = lane.block;
        const T linear_bias = a.linear_bias ? a.linear_bias(r, 0) : T(0);
        const Statistics of_batch = a.train ? statistics(a, s, lane) : Statistics{T(0), T(0)};
        const T mean = a.train ? of_batch.mean : a.running_mean(r, 0) - linear_bias;
        const T variance = a.train ? of_batch.square / count(a) : a.running_variance(r, 0);
        const T inverse_std = T(1) / sqrt(variance + a.eps);
        const T scale = a.weight(r, 0) * inverse_std;
        const T shift = a.bias(r, 0) - mean * scale;
        const T* const x = a.train && fits(a) ? s.x : group(a, lane);
        const int begin = lane.round * width(a);
        for (int c = lane.thread; c < width(a); c += Threads) {
            T v = rectify(x[c] * scale + shift, a.slope);
            if (a.drops) v *= a.mask(r, begin + c);
            if (a.residual) v += a.residual(r, begin + c);
            a.y(r, begin + c) = v;
        }
        if (lane.thread != 0) return;
        a.mean(r, lane.round) = mean;
        a.inverse_std(r, lane.round) = inverse_std;
        if (!a.train) return;
        const T unbiased = of_batch.square / (count(a) - T(1));
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
        T d_weight, d_bias, d_linear_bias;                    ///< over the groups so far; thread 0's
        T normalised[kOnChipColumns], d_norm[kOnChipColumns]; ///< each thread's own columns
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
    POSEAUG_HD static bool fits(const Args& a) { return width(a) <= kOnChipColumns; }

    /// An element: what the norm made of it, and the gradient of that.
    struct Element {
        T normalised, d_norm;
    };
    /// The norm's statistics and parameters of a row and group.
    struct Row {
        T mean, inverse_std, weight, bias;
        POSEAUG_HD Row(const Args& a, const Lane& lane)
            : mean(a.mean(lane.block, lane.round)), inverse_std(a.inverse_std(lane.block, lane.round)),
              weight(a.weight(lane.block, 0)), bias(a.bias(lane.block, 0)) {}
        POSEAUG_HD Element element(const Args& a, int r, int c) const {
            const T normalised = (a.x(r, c) - mean) * inverse_std;
            T d = a.d_y(r, c);
            if (a.drops) d *= a.mask(r, c);
            return {normalised, select(normalised * weight + bias > T(0), d, d * a.slope)};
        }
    };
    POSEAUG_HD static void sum_thread(const Args& a, Shared& s, const Lane& lane) {
        const int r = lane.block, begin = lane.round * width(a);
        const Row row(a, lane);
        T sum = T(0), dot = T(0);
        for (int c = lane.thread; c < width(a); c += Threads) {
            const Element e = row.element(a, r, begin + c);
            sum += e.d_norm;
            dot += e.d_norm * e.normalised;
            if (a.d_residual) add_or_store(a.d_y(r, begin + c), a.d_residual(r, begin + c), a.add_residual);
            if (!fits(a)) continue;
            s.normalised[c] = e.normalised;
            s.d_norm[c] = e.d_norm;
        }
        s.sum.put(lane.thread, sum);
        s.dot.put(lane.thread, dot);
    }
    POSEAUG_HD static void store_d_x(const Args& a, const Shared& s, const Lane& lane) {
        const int r = lane.block, begin = lane.round * width(a);
        const Row row(a, lane);
        const T n = static_cast<T>(width(a));
        const T mean_d = a.train ? s.sum.total() / n : T(0), mean_dot = a.train ? s.dot.total() / n : T(0);
        const T scale = row.weight * row.inverse_std;
        for (int c = lane.thread; c < width(a); c += Threads) {
            const Element e = fits(a) ? Element{s.normalised[c], s.d_norm[c]} : row.element(a, r, begin + c);
            add_or_store((e.d_norm - mean_d - e.normalised * mean_dot) * scale, a.d_x(r, begin + c), a.add_x);
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
