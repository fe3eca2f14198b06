#pragma once
#include "kernels/op.hpp"

#include <vector>

namespace poseaug::bench {

/// An op as trainings use it: at the published widths, and where several shapes occur at a large one.
struct UsualCall {
    Attributes attributes;
    std::vector<Sample::Matrix> in; ///< values repeated along the batch; empty: an absent input
    std::vector<Sample::Matrix> state;
};

/// `batch` poses of it. Throws Error for an op that is neither one of poses nor known here by name.
UsualCall usual_call(const Op& op, int batch);

/// Whether `op` works on poses column by column, so that any batch is usual.
bool is_pose_op(const Op& op);

} // namespace poseaug::bench
