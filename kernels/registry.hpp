#pragma once
#include "kernels/op.hpp"

#include <vector>

namespace poseaug {

/// Every op of this layer: those of poses and those of networks.
std::vector<Op> kernel_ops();

} // namespace poseaug
