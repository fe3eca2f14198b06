#pragma once
#include "kernels/cuda/block/lane.hpp"
#include "kernels/cuda/check.cuh"

#include <algorithm>
#include <type_traits>
#include <utility>

namespace poseaug::cuda {

inline constexpr unsigned kElementThreads = 256;
inline constexpr unsigned kColumnThreads = 64; ///< few, so that a batch spreads over the processors

template <class F>
__global__ void __launch_bounds__(kElementThreads) elements_kernel(const __grid_constant__ F body, int rows, int cols) {
    const unsigned c = blockIdx.x * kElementThreads + threadIdx.x;
    if (c >= static_cast<unsigned>(cols)) return;
    for (int r = static_cast<int>(blockIdx.y); r < rows; r += static_cast<int>(gridDim.y)) body(r, static_cast<int>(c));
}

template <class F>
__global__ void __launch_bounds__(kColumnThreads) columns_kernel(const __grid_constant__ F body, int cols) {
    const unsigned c = blockIdx.x * kColumnThreads + threadIdx.x;
    if (c < static_cast<unsigned>(cols)) body(static_cast<int>(c));
}

template <class B, int... P>
__device__ void run_phases(const typename B::Args& args, typename B::Shared& shared, const Lane& lane,
                           std::integer_sequence<int, P...>) {
    ((B::template phase<P>(args, shared, lane), __syncthreads()), ...);
}

template <class B>
__global__ void __launch_bounds__(B::threads) block_kernel(const __grid_constant__ typename B::Args args) {
    __shared__ typename B::Shared shared;
    const int rounds = rounds_of<B>(args);
    for (int round = 0; round < rounds; ++round)
        run_phases<B>(args, shared, Lane{static_cast<int>(threadIdx.x), static_cast<int>(blockIdx.x), round},
                      std::make_integer_sequence<int, B::phases>{});
}

/// Starts kernels made of bodies (see block/lane.hpp) on a stream.
class Launcher {
public:
    Launcher(void* stream, std::string_view op) : stream_(static_cast<cudaStream_t>(stream)), op_(op) {}

    template <class F> void elements(const F& body, int rows, int cols) const {
        static_assert(std::is_trivially_copyable_v<F>);
        constexpr int kMostRows = 65535;
        if (rows < 1 || cols < 1) return;
        const dim3 grid(blocks_of(cols, kElementThreads), static_cast<unsigned>(std::min(rows, kMostRows)));
        elements_kernel<F><<<grid, kElementThreads, 0, stream_>>>(body, rows, cols);
        check_launch(op_);
    }
    template <class F> void columns(const F& body, int cols) const {
        static_assert(std::is_trivially_copyable_v<F>);
        if (cols < 1) return;
        columns_kernel<F><<<blocks_of(cols, kColumnThreads), kColumnThreads, 0, stream_>>>(body, cols);
        check_launch(op_);
    }
    template <class B> void blocks(const typename B::Args& args, int count) const {
        static_assert(std::is_trivially_copyable_v<typename B::Args>);
        if (count < 1) return;
        block_kernel<B><<<static_cast<unsigned>(count), B::threads, 0, stream_>>>(args);
        check_launch(op_);
    }

private:
    static unsigned blocks_of(int n, unsigned threads) { return (static_cast<unsigned>(n) + threads - 1) / threads; }

    cudaStream_t stream_;
    std::string_view op_;
};

} // namespace poseaug::cuda
