#pragma once

namespace poseaug::cuda {

/// Null if this build's kernels run on the current GPU, else the CUDA runtime's reason.
const char* why_no_kernels();

} // namespace poseaug::cuda
