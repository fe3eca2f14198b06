#pragma once
#include "kernels/cuda/block/column.hpp"
#include "kernels/cuda/named_entries.cuh"
#include "kernels/pose/op_list.hpp"

namespace poseaug::cuda {

/// The GPU's entries of a list of column ops.
template <class... O> std::vector<NamedEntries> column_entries(TypeList<O...>) {
    return {named_entries<ColumnKernels<O>>()...};
}

} // namespace poseaug::cuda
