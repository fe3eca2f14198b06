#include "kernels/cuda/column_driver.cuh"

namespace poseaug::cuda {

std::vector<NamedEntries> measure_entries() { return column_entries(MeasureOps{}); }

} // namespace poseaug::cuda
