#pragma once
#include "kernels/op.hpp"

#include <optional>

namespace poseaug::bench {

/// The same pose op with its body in a plain loop over the columns, one at a time and on one thread, compiled as all
/// that is no variant: what packs are measured against. Nothing for other ops.
std::optional<Op> scalar_op(const Op& op);

} // namespace poseaug::bench
