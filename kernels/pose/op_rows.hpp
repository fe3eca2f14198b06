#pragma once
#include "kernels/column_driver.hpp"
#include "kernels/pose/op_list.hpp"

namespace poseaug {

template <class O> Op op_row() {
    Op op = column_op<O>();
    const CudaEntries cuda = cuda_entries(op.name);
    op.f32.value.cuda = cuda.f32.value.cuda;
    op.f32.vjp.cuda = cuda.f32.vjp.cuda;
    op.f64.value.cuda = cuda.f64.value.cuda;
    op.f64.vjp.cuda = cuda.f64.vjp.cuda;
    return op;
}

/// The registry rows of a list of column ops.
template <class... O> std::vector<Op> op_rows(TypeList<O...>) { return {op_row<O>()...}; }

std::vector<Op> skeleton_ops();
std::vector<Op> augmentation_ops();
std::vector<Op> measure_ops();

} // namespace poseaug
