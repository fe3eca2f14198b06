#pragma once
#include "kernels/backends.hpp"
#include "kernels/column_driver.hpp"
#include "kernels/pose/op_list.hpp"

namespace poseaug {

template <class O> Op op_row() {
    Op op = column_op<O>();
    add_backends(op);
    return op;
}

/// The registry rows of a list of column ops.
template <class... O> std::vector<Op> op_rows(TypeList<O...>) { return {op_row<O>()...}; }

std::vector<Op> skeleton_ops();
std::vector<Op> augmentation_ops();
std::vector<Op> measure_ops();

} // namespace poseaug
