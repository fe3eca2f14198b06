#include "kernels/column_driver.hpp"
#include "kernels/cuda/block/column.hpp"
#include "kernels/cuda/block/network_kernels.hpp"
#include "kernels/pose/op_list.hpp"
#include "tests/kernels/cuda/widened.hpp"

#include <algorithm>

// Every op of the registry: the GPU's kernels, run on the CPU, against the CPU's own, at every size of batch.

using namespace poseaug;
using namespace poseaug::testing;

namespace {

const Op& network_op_of(std::string_view name) {
    static const std::vector<Op> ops = network_ops();
    return *std::find_if(ops.begin(), ops.end(), [&](const Op& op) { return op.name == name; });
}

} // namespace

TEST_CASE("every network op's kernels do what the CPU does, at every size of batch") {
    for_each_type(NetworkKernels{}, []<class K>() { sweep<K, typename K::Params>(network_op_of(K::Params::name)); });
}

TEST_CASE("every pose op's kernels do what the CPU does, at every size of batch") {
    for_each_type(PoseOps{}, []<class O>() { sweep<ColumnKernels<O>, typename O::Params>(column_op<O>()); });
}

TEST_CASE("ops find rows that lie more than 2^32 elements apart") {
    for_each_type(NetworkKernels{}, []<class K>() {
        const Op& op = network_op_of(K::Params::name);
        check_widened<K, typename K::Params>(op, op.samples().front(), 33, Spacing::far);
    });
    for_each_type(PoseOps{}, []<class O>() {
        const Op op = column_op<O>();
        check_widened<ColumnKernels<O>, typename O::Params>(op, op.samples().front(), 33, Spacing::far);
    });
}
