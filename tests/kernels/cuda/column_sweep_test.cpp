#include "kernels/cuda/block/column.hpp"
#include "kernels/pose/op_list.hpp"
#include "tests/kernels/cuda/widened.hpp"

// Every pose op: the GPU's kernels, run on the CPU, against the CPU's own, at every size of batch.

using namespace poseaug;
using namespace poseaug::testing;

TEST_CASE("every pose op's kernels do what the CPU does, at every size of batch") {
    for_each_type(PoseOps{}, []<class O>() { sweep<ColumnKernels<O>, typename O::Params>(registered(O::name)); });
}

TEST_CASE("pose ops find rows that lie more than 2^32 elements apart") {
    for_each_type(PoseOps{}, []<class O>() {
        const Op& op = registered(O::name);
        check_widened<ColumnKernels<O>, typename O::Params>(op, op.samples().front(), 33, Spacing::far);
    });
}
