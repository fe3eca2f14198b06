#include "kernels/cuda/column_driver.cuh"

namespace poseaug::cuda {

std::vector<NamedEntries> augmentation_entries() { return column_entries(AugmentationOps{}); }

} // namespace poseaug::cuda
