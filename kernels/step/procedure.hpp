#pragma once
#include "kernels/step/procedures.hpp"

#include <algorithm>

namespace poseaug {

/// `Cpu` is a functor with a static `run<T>(Queue&, const Call<T>&)`; the CUDA entries are found by P's name.
template <class P, class Cpu> Procedure make_procedure(double moved_elsewhere = 0) {
    const CudaEntries cuda = cuda_entries(P::name);
    return {P::name,
            {Cpu::template run<float>, cuda.f32.value.cuda},
            {Cpu::template run<double>, cuda.f64.value.cuda},
            moved_elsewhere};
}

/// Calls f(begin, end) for runs of columns over the pool.
template <class F> void for_column_runs(Queue& queue, int cols, const F& f) {
    constexpr int kRun = 256;
    queue.pool->parallel_for((cols + kRun - 1) / kRun, [&](int k) { f(k * kRun, std::min(cols, (k + 1) * kRun)); });
}

} // namespace poseaug
