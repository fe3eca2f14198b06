#pragma once
#include "kernels/cuda/block/activation.hpp"
#include "kernels/cuda/block/arrange.hpp"
#include "kernels/cuda/block/batch_norm.hpp"
#include "kernels/cuda/block/gram_columns.hpp"
#include "kernels/cuda/block/graph_layout.hpp"
#include "kernels/cuda/block/hop_graph.hpp"
#include "kernels/cuda/block/node_attention.hpp"
#include "kernels/cuda/block/semantic_graph.hpp"
#include "kernels/type_list.hpp"

namespace poseaug {

/// The GPU's kernels of all network ops.
using NetworkKernels =
    TypeList<BiasActivationKernels, TanhKernels, DropoutKernels, BatchNormKernels, ConcatRowsKernels,
             ConcatColumnsKernels, PickRowsKernels, GramColumnsKernels, SpreadNodesKernels, StackNodesKernels,
             PoolNodesKernels, SelectNodesKernels, SemanticGraphKernels, HopGraphKernels, NodeAttentionKernels>;

} // namespace poseaug
