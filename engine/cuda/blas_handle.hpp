#pragma once
#include <cublas_v2.h>

namespace poseaug {

/// What Queue::blas points to on a GPU: the library's handle, and the arithmetic of products of float32 matrices.
struct BlasHandle {
    cublasHandle_t handle = nullptr;
    cublasComputeType_t float_compute = CUBLAS_COMPUTE_32F;
};

} // namespace poseaug
