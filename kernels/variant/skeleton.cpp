#include "kernels/variant/entries.hpp"

namespace poseaug {

std::vector<CpuEntries> skeleton_entries() { return entries_of_list(SkeletonOps{}); }

} // namespace poseaug
