#pragma once
#include "kernels/error.hpp"

#include <cuda_runtime_api.h>

#include <string>
#include <string_view>

namespace poseaug::cuda {

/// Throws Error unless a call of the CUDA runtime succeeded; `what` names the op or the call.
inline void check(cudaError_t result, std::string_view what) {
    if (result != cudaSuccess) throw Error("CUDA: " + std::string(what) + " failed: " + cudaGetErrorString(result));
}

/// After a launch: throws Error if it could not be started.
inline void check_launch(std::string_view op) { check(cudaGetLastError(), op); }

} // namespace poseaug::cuda
