#include "kernels/cuda/block/adam.hpp"
#include "kernels/cuda/block/append_kept.hpp"
#include "kernels/cuda/block/batches.hpp"
#include "kernels/cuda/block/draws.hpp"
#include "kernels/cuda/block/replay_pool.hpp"
#include "kernels/cuda/named_entries.cuh"

namespace poseaug::cuda {

std::vector<NamedEntries> step_entries() {
    return {named_entries<GatherKernels>(),     named_entries<ScatterKernels>(),    named_entries<NormalDrawsKernels>(),
            named_entries<PoolDrawsKernels>(),  named_entries<ReplayPoolKernels>(), named_entries<AppendKeptKernels>(),
            named_entries<AdamKernels>(),       named_entries<AccumulateKernels>(), named_entries<FillKernels>(),
            named_entries<AdvanceKernels>()};
}

} // namespace poseaug::cuda
