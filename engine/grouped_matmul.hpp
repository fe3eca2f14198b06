#pragma once
#include "kernels/op.hpp"

#include <vector>

namespace poseaug {

inline constexpr int kMaxWeightStacks = 4;

/// Matrix products side by side, as of networks that have the same layers: group g of the rows of y is weight g times
/// group g of the rows of x. Inputs: x (sum of all K, C); up to four stacks of weights, each of `groups` weights (M, K)
/// one above the other. Weights of one stack have the same shape, those of different stacks may have different ones.
/// Output y (sum of all M, C).
struct GroupedMatMul {
    static constexpr std::string_view name = "grouped_matmul";
    std::int32_t groups[kMaxWeightStacks] = {1, 1, 1, 1};
};
Op grouped_matmul_op();

/// The GPU's entries; null in a build without CUDA.
CudaEntries grouped_matmul_cuda_entries();

/// Where the products of one stack of weights are found within an op's operands.
struct WeightStack {
    int input;                    ///< of the op
    int groups, rows, inner;      ///< so many weights (rows, inner)
    int first_x = 0, first_y = 0; ///< the first row of x and of y
};
/// The stacks of a call. Throws Error if a stack does not divide into its groups.
std::vector<WeightStack> weight_stacks(const GroupedMatMul& params, const Shape* in);
template <class T> std::vector<WeightStack> weight_stacks(const Call<T>& call) {
    Shape in[kMaxInputs];
    for (int i = 0; i <= kMaxWeightStacks; ++i) in[i] = call.in[i].shape();
    return weight_stacks(call.attributes.template as<GroupedMatMul>(), in);
}

} // namespace poseaug
