#pragma once
#include "kernels/backends.hpp"
#include "kernels/step/procedures.hpp"

#include <algorithm>

namespace poseaug {

/// `Cpu` is a functor with a static `run<T>(Queue&, const Call<T>&)`; the other entries are found by P's name.
template <class P, class Cpu>
Procedure make_procedure(std::string_view source, UsualShapes (*usual)(int batch), KernelText text) {
    Procedure procedure;
    procedure.name = P::name;
    procedure.source = source;
    procedure.f32 = {Cpu::template run<float>, nullptr};
    procedure.f64 = {Cpu::template run<double>, nullptr};
    procedure.usual = usual;
    procedure.text = std::move(text);
    add_backends(procedure);
    return procedure;
}

/// Calls f(begin, end) for runs of columns over the pool.
template <class F> void for_column_runs(Queue& queue, int cols, const F& f) {
    constexpr int kRun = 256;
    queue.pool->parallel_for((cols + kRun - 1) / kRun, [&](int k) { f(k * kRun, std::min(cols, (k + 1) * kRun)); });
}

} // namespace poseaug
