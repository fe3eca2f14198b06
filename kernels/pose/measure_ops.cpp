#include "kernels/pose/op_rows.hpp"

namespace poseaug {

std::vector<Op> measure_ops() { return op_rows(MeasureOps{}); }

} // namespace poseaug
