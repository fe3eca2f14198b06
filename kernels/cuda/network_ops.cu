#include "kernels/cuda/block/arrange.hpp"
#include "kernels/cuda/block/batch_norm.hpp"
#include "kernels/cuda/named_entries.cuh"

namespace poseaug::cuda {

std::vector<NamedEntries> network_entries() {
    return {named_entries<BiasActivationKernels>(), named_entries<TanhKernels>(),          named_entries<DropoutKernels>(),
            named_entries<BatchNormKernels>(),      named_entries<ConcatRowsKernels>(),    named_entries<ConcatColumnsKernels>(),
            named_entries<SliceColumnsKernels>(),   named_entries<SelectColumnsKernels>(), named_entries<WeightedSumKernels>()};
}

} // namespace poseaug::cuda
