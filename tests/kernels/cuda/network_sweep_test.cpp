#include "kernels/cuda/block/network_kernels.hpp"
#include "tests/kernels/cuda/widened.hpp"

// Every network op: the GPU's kernels, run on the CPU, against the CPU's own, at every size of batch.

using namespace poseaug;
using namespace poseaug::testing;

TEST_CASE("every network op's kernels do what the CPU does, at every size of batch") {
    for_each_type(NetworkKernels{}, []<class K>() { sweep<K, typename K::Params>(registered(K::Params::name)); });
}

TEST_CASE("network ops find rows that lie more than 2^32 elements apart") {
    for_each_type(NetworkKernels{}, []<class K>() {
        const Op& op = registered(K::Params::name);
        check_widened<K, typename K::Params>(op, op.samples().front(), 33, Spacing::far);
    });
}
