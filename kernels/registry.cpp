#include "kernels/registry.hpp"

#include "kernels/network/ops.hpp"
#include "kernels/pose/ops.hpp"

namespace poseaug {

std::vector<Op> kernel_ops() {
    std::vector<Op> all = network_ops();
    for (Op& op : pose_ops()) all.push_back(op);
    return all;
}

} // namespace poseaug
