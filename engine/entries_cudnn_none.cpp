#include "engine/cudnn.hpp"

namespace poseaug {

const char* why_no_cudnn() { return "this build has no cuDNN (configure with -DPOSEAUG_CUDNN=ON)"; }

std::shared_ptr<void> open_cudnn(void*, Precision) { throw Error(why_no_cudnn()); }

CudaEntries cudnn_convolution_entries() { return {}; }
CudaEntries cudnn_batch_norm_entries() { return {}; }

} // namespace poseaug
