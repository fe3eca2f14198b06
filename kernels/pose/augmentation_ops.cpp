#include "kernels/pose/op_rows.hpp"

namespace poseaug {

std::vector<Op> augmentation_ops() { return op_rows(AugmentationOps{}); }

} // namespace poseaug
