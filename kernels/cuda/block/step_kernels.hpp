#pragma once
#include "kernels/cuda/block/adam.hpp"
#include "kernels/cuda/block/append_kept.hpp"
#include "kernels/cuda/block/batches.hpp"
#include "kernels/cuda/block/draws.hpp"
#include "kernels/cuda/block/end_step.hpp"
#include "kernels/cuda/block/error_sums.hpp"
#include "kernels/cuda/block/replay_pool.hpp"
#include "kernels/type_list.hpp"

namespace poseaug {

/// The GPU's kernels of all procedures.
using StepKernels =
    TypeList<GatherKernels, ScatterKernels, FetchKernels, NormalDrawsKernels, PoolDrawsKernels, ReplayPoolKernels,
             AppendKeptKernels, AdamKernels, SumErrorsKernels, FillKernels, EndStepKernels>;

} // namespace poseaug
