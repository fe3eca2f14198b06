#include "kernels/cuda/block/step_kernels.hpp"
#include "kernels/cuda/named_entries.cuh"

namespace poseaug::cuda {

std::vector<NamedEntries> step_entries() { return entries_of_list(StepKernels{}); }

} // namespace poseaug::cuda
