#pragma once
#include "kernels/op.hpp"

namespace poseaug {

/// Matrix product Y (M, C) = W (M, K) X (K, C): a dense layer, a convolution of width 1. BLAS on the CPU, split over
/// the pool; cuBLAS on a GPU.
struct MatMul {
    static constexpr std::string_view name = "matmul";
    std::int32_t transpose_weight = 0; ///< 1: W is (K, M), and Y = W' X
};
Op matmul_op();

/// The GPU's entries; null in a build without CUDA.
CudaEntries matmul_cuda_entries();

} // namespace poseaug
