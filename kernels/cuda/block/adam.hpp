#pragma once
#include "kernels/cuda/block/block_sum.hpp"
#include "kernels/cuda/block/lane.hpp"
#include "kernels/step/procedures.hpp"

namespace poseaug {

POSEAUG_HD constexpr std::int64_t norm_chunks(std::int64_t n) { return (n + kBlockNormChunk - 1) / kBlockNormChunk; }

/// Sums the squares of a chunk of the gradient a block. The first counts the step.
template <class T> struct SquareChunkBlock {
    static constexpr int threads = 256, phases = 3;
    struct Args {
        const T* gradient;
        T* partial;
        std::int64_t n;
        AdamState* state;
    };
    using Shared = BlockSum<T, threads>;

    template <int P> POSEAUG_HD static void phase(const Args& a, Shared& s, const Lane& lane) {
        if constexpr (P == 0) {
            const std::int64_t begin = static_cast<std::int64_t>(lane.block) * kBlockNormChunk;
            const int count = static_cast<int>(a.n - begin < kBlockNormChunk ? a.n - begin : kBlockNormChunk);
            T sum = T(0);
            for (int i = lane.thread; i < count; i += threads) sum += a.gradient[begin + i] * a.gradient[begin + i];
            s.put(lane.thread, sum);
        }
        if constexpr (P == 1) s.fold(lane.thread);
        if constexpr (P == 2) {
            if (lane.thread != 0) return;
            a.partial[lane.block] = s.total();
            if (lane.block == 0) ++a.state->step;
        }
    }
};

/// Every block makes the step's factors of the partial sums for itself, which costs less than a launch, and takes the
/// step for a chunk of the parameters.
template <class T> struct AdamBlock {
    static constexpr int threads = 256, phases = 4;
    struct Args {
        const T *gradient, *partial;
        T *parameter, *first, *second;
        std::int64_t n;
        Adam adam;
    };
    struct Shared {
        BlockSum<double, threads> norm;
        T scale, step, inverse_root;
    };

    template <int P> POSEAUG_HD static void phase(const Args& a, Shared& s, const Lane& lane) {
        if constexpr (P == 0) {
            double sum = 0;
            for (std::int64_t k = lane.thread; k < norm_chunks(a.n); k += threads)
                sum += static_cast<double>(a.partial[k]);
            s.norm.put(lane.thread, sum);
        }
        if constexpr (P == 1) s.norm.fold(lane.thread);
        if constexpr (P == 2)
            if (lane.thread == 0) make_factors(a, s);
        if constexpr (P == 3) take_step(a, s, lane);
    }

private:
    POSEAUG_HD static void make_factors(const Args& a, Shared& s) {
        using std::sqrt;
        const double scale = a.adam.clip / (sqrt(s.norm.total()) + 1e-6);
        const AdamCoefficients k = adam_coefficients(a.adam, a.adam.state->step - 1, a.adam.state->rate);
        s.scale = static_cast<T>(scale < 1.0 ? scale : 1.0);
        s.step = static_cast<T>(k.step);
        s.inverse_root = static_cast<T>(k.inverse_root);
    }
    POSEAUG_HD static void take_step(const Args& a, const Shared& s, const Lane& lane) {
        using std::sqrt;
        const std::int64_t begin = static_cast<std::int64_t>(lane.block) * kBlockNormChunk;
        const std::int64_t end = a.n - begin < kBlockNormChunk ? a.n : begin + kBlockNormChunk;
        const auto beta1 = lit<T>(a.adam.beta1), rest1 = lit<T>(1 - a.adam.beta1);
        const auto beta2 = lit<T>(a.adam.beta2), rest2 = lit<T>(1 - a.adam.beta2), eps = lit<T>(a.adam.eps);
        for (std::int64_t i = begin + lane.thread; i < end; i += threads) {
            const T g = a.gradient[i] * s.scale;
            const T m = a.first[i] * beta1 + g * rest1;
            const T v = a.second[i] * beta2 + g * g * rest2;
            a.first[i] = m;
            a.second[i] = v;
            a.parameter[i] -= m * s.step / (sqrt(v) * s.inverse_root + eps);
        }
    }
};

struct AdamKernels {
    using Params = Adam;

    template <class T, class L> static void value(L& launch, const Call<T>& call) {
        const auto p = call.attributes.template as<Params>();
        const std::int64_t n = call.in[0].cols;
        const std::int64_t chunks = norm_chunks(n);
        launch.template blocks<SquareChunkBlock<T>>({call.in[0].data, call.scratch, n, p.state}, chunks);
        launch.template blocks<AdamBlock<T>>(
            {call.in[0].data, call.scratch, call.state[0].data, call.state[1].data, call.state[2].data, n, p}, chunks);
    }
};

} // namespace poseaug
