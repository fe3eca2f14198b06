#pragma once
#include "kernels/cuda/block/activation.hpp"
#include "kernels/cuda/block/arrange.hpp"
#include "kernels/cuda/block/batch_norm.hpp"
#include "kernels/type_list.hpp"

namespace poseaug {

/// The GPU's kernels of all network ops.
using NetworkKernels = TypeList<BiasActivationKernels, TanhKernels, DropoutKernels, BatchNormKernels, ConcatRowsKernels,
                                ConcatColumnsKernels, SliceColumnsKernels, SelectColumnsKernels, WeightedSumKernels>;

} // namespace poseaug
