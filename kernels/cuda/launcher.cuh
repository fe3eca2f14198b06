#pragma once
#include "kernels/cuda/block/grid.hpp"
#include "kernels/cuda/block/lane.hpp"
#include "kernels/cuda/check.cuh"
#include "kernels/op.hpp"

#include <cstdlib>
#include <cxxabi.h>
#include <memory>
#include <type_traits>
#include <typeinfo>
#include <utility>

namespace poseaug::cuda {

template <class F>
__global__ void __launch_bounds__(kElementThreads) elements_kernel(const __grid_constant__ F body, int rows, int cols) {
    const unsigned c = column_of_thread(blockIdx.x, kElementThreads, threadIdx.x);
    if (c >= static_cast<unsigned>(cols)) return;
    for (int r = static_cast<int>(blockIdx.y); r < rows; r += static_cast<int>(gridDim.y)) body(r, static_cast<int>(c));
}

template <class F>
__global__ void __launch_bounds__(kColumnThreads) columns_kernel(const __grid_constant__ F body, int cols) {
    const unsigned c = column_of_thread(blockIdx.x, kColumnThreads, threadIdx.x);
    if (c < static_cast<unsigned>(cols)) body(static_cast<int>(c));
}

template <class B, int... P>
__device__ void run_phases(const typename B::Args& args, typename B::Shared& shared, const Lane& lane,
                           std::integer_sequence<int, P...>) {
    ((B::template phase<P>(args, shared, lane), __syncthreads()), ...);
}

template <class B>
__global__ void __launch_bounds__(B::threads, 1) block_kernel(const __grid_constant__ typename B::Args args) {
    __shared__ typename B::Shared shared;
    const int rounds = rounds_of<B>(args);
    for (int round = 0; round < rounds; ++round)
        run_phases<B>(args, shared, Lane{static_cast<int>(threadIdx.x), static_cast<int>(blockIdx.x), round},
                      std::make_integer_sequence<int, B::phases>{});
}

/// A type's name as people write it.
inline std::string readable(const std::type_info& type) {
    int status = 0;
    const std::unique_ptr<char, decltype(&std::free)> name(abi::__cxa_demangle(type.name(), nullptr, nullptr, &status),
                                                           &std::free);
    return status == 0 ? name.get() : type.name();
}

/// Starts kernels made of bodies (see block/lane.hpp) on a queue's stream.
class Launcher {
public:
    Launcher(const Queue& queue, std::string_view op)
        : stream_(static_cast<cudaStream_t>(queue.stream)), log_(queue.launches), op_(op) {}

    template <class F> void elements(const F& body, int rows, int cols) const {
        static_assert(std::is_trivially_copyable_v<F>);
        if (rows < 1 || cols < 1) return;
        const dim3 grid(blocks_along(cols, kElementThreads), blocks_down(rows));
        start<F>("elements_kernel", elements_kernel<F>, grid, kElementThreads, body, rows, cols);
    }
    template <class F> void columns(const F& body, int cols) const {
        static_assert(std::is_trivially_copyable_v<F>);
        if (cols < 1) return;
        start<F>("columns_kernel", columns_kernel<F>, blocks_along(cols, kColumnThreads), kColumnThreads, body, cols);
    }
    template <class B> void blocks(const typename B::Args& args, std::int64_t count) const {
        static_assert(std::is_trivially_copyable_v<typename B::Args>);
        if (count < 1) return;
        start<B>("block_kernel", block_kernel<B>, static_cast<unsigned>(block_count(count)), B::threads, args);
    }

private:
    template <class Body, class Kernel, class... A>
    void start(const char* name, Kernel* kernel, dim3 grid, unsigned threads, const A&... arguments) const {
        if (log_) {
            log_->push_back(
                {name + ("<" + readable(typeid(Body))) + ">", static_cast<std::int64_t>(grid.x) * grid.y, threads});
            return;
        }
        kernel<<<grid, threads, 0, stream_>>>(arguments...);
        check_launch(op_);
    }

    cudaStream_t stream_;
    LaunchLog* log_;
    std::string_view op_;
};

} // namespace poseaug::cuda
