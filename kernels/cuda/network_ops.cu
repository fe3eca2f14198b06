#include "kernels/cuda/block/network_kernels.hpp"
#include "kernels/cuda/named_entries.cuh"

namespace poseaug::cuda {

std::vector<NamedEntries> network_entries() { return entries_of_list(NetworkKernels{}); }

} // namespace poseaug::cuda
