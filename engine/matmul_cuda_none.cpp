#include "engine/grouped_matmul.hpp"
#include "engine/matmul.hpp"

namespace poseaug {

CudaEntries matmul_cuda_entries() { return {}; }
CudaEntries grouped_matmul_cuda_entries() { return {}; }

} // namespace poseaug
