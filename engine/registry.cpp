#include "engine/registry.hpp"

#include "engine/grouped_matmul.hpp"
#include "engine/matmul.hpp"
#include "kernels/registry.hpp"

namespace poseaug {

const std::vector<Op>& registry() {
    static const std::vector<Op> ops = [] {
        std::vector<Op> all = kernel_ops();
        all.push_back(matmul_op());
        all.push_back(grouped_matmul_op());
        return all;
    }();
    return ops;
}

const Op& find_op(std::string_view name) {
    for (const Op& op : registry())
        if (op.name == name) return op;
    throw Error("no op is named '" + std::string(name) + "'; `poseaug gradcheck` lists them");
}

} // namespace poseaug
