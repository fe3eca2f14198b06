#pragma once
#include "kernels/op.hpp"

#include <vector>

namespace poseaug {

/// Every op there is: those of the kernels, and the matrix product, which needs the engine's BLAS.
const std::vector<Op>& registry();

/// The op of that name; throws Error if there is none.
const Op& find_op(std::string_view name);

} // namespace poseaug
