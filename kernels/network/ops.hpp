#pragma once
#include "kernels/op.hpp"
#include "kernels/philox.hpp"

#include <array>

namespace poseaug {

/// y = f(x + bias + residual). Inputs: x (R, C); bias (R, 1), optional; residual (R, C), optional.
/// f(v) = v for v > 0, slope v else: 1 is the identity, 0 ReLU, 0.01 leaky ReLU.
struct BiasActivation {
    static constexpr std::string_view name = "bias_activation";
    double slope = 1.0;
};

/// y = f(x), element by element.
struct Tanh {
    static constexpr std::string_view name = "tanh";
};

/// Where dropout's decisions come from: a mask (1 keeps), given as an input, or else the random key.
struct Dropout {
    static constexpr std::string_view name = "dropout";
    double rate = 0.0;
    RandomKey key;

    /// What a kept element is multiplied by.
    POSEAUG_HD double scale() const { return 1.0 / (1.0 - rate); }
};

/// y = dropout(f(norm(x + linear_bias))) + residual with norm the batch norm over a row (Ioffe and Szegedy 2015).
/// Inputs: x (R, C); weight, bias (R, 1); linear_bias (R, 1), optional: the bias of the product before, which cancels
/// while training but for the running mean; residual (R, C), optional; mask (R, C), optional.
/// States: running mean, running variance (R, 1). Outputs: y (R, C); mean and 1/std used, (R, groups).
/// Training: statistics of each of `groups` equal runs of columns; the states move once a group, in order, with the
/// unbiased variance. Evaluation: the states are the statistics.
struct BatchNorm {
    static constexpr std::string_view name = "batch_norm";
    double eps = 1e-5, momentum = 0.1;
    double slope = 1.0; ///< of f, as in BiasActivation
    std::int32_t groups = 1;
    std::int32_t train = 1;
    Dropout dropout; ///< applied while training
};

/// Stacks up to four matrices of C columns. Absent inputs at the end are null.
struct ConcatRows {
    static constexpr std::string_view name = "concat_rows";
};

/// Puts up to four matrices of R rows side by side.
struct ConcatColumns {
    static constexpr std::string_view name = "concat_columns";
};

/// Columns first..first+count-1.
struct SliceColumns {
    static constexpr std::string_view name = "slice_columns";
    std::int32_t first = 0, count = 0;
};

/// Picks columns of a weight matrix: y[:, k] = w[:, index[k]], k < count. Gradients of the others are zero.
struct SelectColumns {
    static constexpr std::string_view name = "select_columns";
    std::int32_t count = 0;
    std::uint8_t index[49] = {};
};

/// Sum of up to eight scalars (1, 1), each times its weight.
struct WeightedSum {
    static constexpr std::string_view name = "weighted_sum";
    double weight[kMaxInputs] = {};
};

std::vector<Op> network_ops();

} // namespace poseaug
