#include "kernels/cuda/column_driver.cuh"

namespace poseaug::cuda {

std::vector<NamedEntries> skeleton_entries() { return column_entries(SkeletonOps{}); }

} // namespace poseaug::cuda
