#include "kernels/variant/entries.hpp"

namespace poseaug {

std::vector<CpuEntries> measure_entries() { return entries_of_list(MeasureOps{}); }

} // namespace poseaug
