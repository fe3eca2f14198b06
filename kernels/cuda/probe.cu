#include "kernels/cuda/probe.hpp"

#include <cuda_runtime_api.h>

namespace poseaug::cuda {

namespace {
__global__ void probe_kernel() {}
} // namespace

const char* why_no_kernels() {
    cudaFuncAttributes attributes;
    const cudaError_t result = cudaFuncGetAttributes(&attributes, probe_kernel);
    if (result == cudaSuccess) return nullptr;
    cudaGetLastError(); // the next call must not see it
    return cudaGetErrorString(result);
}

} // namespace poseaug::cuda
