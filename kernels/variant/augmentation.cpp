#include "kernels/variant/entries.hpp"

namespace poseaug {

std::vector<CpuEntries> augmentation_entries() { return entries_of_list(AugmentationOps{}); }

} // namespace poseaug
