#include "kernels/pose/ops.hpp"

#include "kernels/pose/op_rows.hpp"

namespace poseaug {

std::vector<Op> pose_ops() {
    std::vector<Op> ops;
    for (auto rows : {skeleton_ops, augmentation_ops, measure_ops})
        for (const Op& op : rows()) ops.push_back(op);
    return ops;
}

} // namespace poseaug
