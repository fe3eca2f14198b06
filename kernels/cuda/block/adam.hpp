#pragma once
#include "kernels/cuda/block/block_sum.hpp"
#include "kernels/cuda/block/lane.hpp"
#include "kernels/step/procedures.hpp"

namespace poseaug {

POSEAUG_HD constexpr std::int64_t norm_chunks(std::int64_t n) { return (n + kNormChunk - 1) / kNormChunk; }

/// Sums the squares of a chunk of the gradient a block.
template <class T> struct SquareChunkBlock {
    static constexpr int threads = 256, phases = 3;
    struct Args {
        const T* gradient;
        T* partial;
        std::int64_t n;
    };
    using Shared = BlockSum<T, threads>;

    template <int P> POSEAUG_HD static void phase(const Args& a, Shared& s, const Lane& lane) {
        if constexpr (P == 0) {
            const std::int64_t begin = static_cast<std::int64_t>(lane.block) * kNormChunk;
            const int count = static_cast<int>(a.n - begin < kNormChunk ? a.n - begin : kNormChunk);
            T sum = T(0);
            for (int i = lane.thread; i < count; i += threads) sum += a.gradient[begin + i] * a.gradient[begin + i];
            s.put(lane.thread, sum);
        }
        if constexpr (P == 1) s.fold(lane.thread);
        if constexpr (P == 2)
            if (lane.thread == 0) a.partial[lane.block] = s.total();
    }
};

/// One block makes the step's factors of the partial sums, and counts the step.
template <class T> struct AdamFactorsBlock {
    static constexpr int threads = 256, phases = 3;
    struct Args {
        const T* partial;
        T* factors; ///< [3]: scale of the gradient, step, inverse root
        std::int64_t chunks;
        Adam adam;
    };
    using Shared = BlockSum<double, threads>;

    template <int P> POSEAUG_HD static void phase(const Args& a, Shared& s, const Lane& lane) {
        if constexpr (P == 0) {
            double sum = 0;
            for (std::int64_t k = lane.thread; k < a.chunks; k += threads) sum += static_cast<double>(a.partial[k]);
            s.put(lane.thread, sum);
        }
        if constexpr (P == 1) s.fold(lane.thread);
        if constexpr (P == 2) {
            using std::sqrt;
            if (lane.thread != 0) return;
            const double scale = a.adam.clip / (sqrt(s.total()) + 1e-6);
            const AdamCoefficients k = adam_coefficients(a.adam, a.adam.state->step++, a.adam.state->rate);
            a.factors[0] = static_cast<T>(scale < 1.0 ? scale : 1.0);
            a.factors[1] = static_cast<T>(k.step);
            a.factors[2] = static_cast<T>(k.inverse_root);
        }
    }
};

template <class T> struct AdamElement {
    const T *gradient, *factors;
    T *parameter, *first, *second;
    T beta1, rest1, beta2, rest2, eps;

    POSEAUG_HD void operator()(int, int i) const {
        using std::sqrt;
        const T g = gradient[i] * factors[0];
        const T m = first[i] * beta1 + g * rest1;
        const T v = second[i] * beta2 + g * g * rest2;
        first[i] = m;
        second[i] = v;
        parameter[i] -= m * factors[1] / (sqrt(v) * factors[2] + eps);
    }
};

struct AdamKernels {
    using Params = Adam;

    template <class T, class L> static void value(L& launch, const Call<T>& call) {
        const auto p = call.attributes.template as<Params>();
        const int n = call.in[0].cols;
        const auto chunks = norm_chunks(n);
        T* const partial = call.scratch;
        T* const factors = call.scratch + chunks;
        launch.template blocks<SquareChunkBlock<T>>({call.in[0].data, partial, n}, chunks);
        launch.template blocks<AdamFactorsBlock<T>>({partial, factors, chunks, p}, 1);
        launch.elements(AdamElement<T>{call.in[0].data, factors, call.state[0].data, call.state[1].data,
                                       call.state[2].data, lit<T>(p.beta1), lit<T>(1 - p.beta1), lit<T>(p.beta2),
                                       lit<T>(1 - p.beta2), lit<T>(p.eps)},
                        1, n);
    }
};

template <class T> struct AccumulateElement {
    View<const T> x[kMaxInputs];
    Accumulate to;

    POSEAUG_HD void operator()(int, int) const {
        for (int i = 0; i < kMaxInputs; ++i) {
            if (!x[i]) continue;
            const auto value = static_cast<double>(x[i](0, 0));
            const bool finite = value - value == 0;
            to.sums[i] += value;
            if (!finite && to.first_bad[i] < 0) to.first_bad[i] = to.state->batch;
        }
    }
};

struct AccumulateKernels {
    using Params = Accumulate;

    template <class T, class L> static void value(L& launch, const Call<T>& call) {
        AccumulateElement<T> body{{}, call.attributes.template as<Params>()};
        for (int i = 0; i < kMaxInputs; ++i) body.x[i] = call.in[i];
        launch.elements(body, 1, 1);
    }
};

} // namespace poseaug
