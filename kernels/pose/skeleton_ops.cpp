#include "kernels/pose/op_rows.hpp"

namespace poseaug {

std::vector<Op> skeleton_ops() { return op_rows(SkeletonOps{}); }

} // namespace poseaug
