#pragma once
#include "kernels/cuda/check.cuh"

#include <cublas_v2.h>

namespace poseaug::cuda {

/// Throws Error unless a call of cuBLAS succeeded.
inline void check(cublasStatus_t result, std::string_view what) {
    if (result != CUBLAS_STATUS_SUCCESS)
        throw Error("cuBLAS: " + std::string(what) + " failed: " + cublasGetStatusString(result));
}

} // namespace poseaug::cuda
