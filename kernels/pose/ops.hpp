#pragma once
#include "kernels/op.hpp"

#include <vector>

namespace poseaug {

/// Registry rows of all pose ops.
std::vector<Op> pose_ops();

} // namespace poseaug
