#pragma once
#include "kernels/graph.hpp"
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

/// Stacks runs of rows of up to six matrices of C columns: each run is rows first..first+count-1 of input `from`. A row
/// may be taken more than once.
struct PickRows {
    static constexpr std::string_view name = "pick_rows";
    struct Run {
        std::uint16_t from = 0, first = 0, count = 0;
    };
    std::int32_t runs = 0;
    Run run[12] = {};

    void add(int from, int first, int count) {
        run[runs++] = {static_cast<std::uint16_t>(from), static_cast<std::uint16_t>(first),
                       static_cast<std::uint16_t>(count)};
    }
};

/// Picks the columns of the 3D discriminator's stacked first weights (5 R, 225) that meet entries of their part's Gram
/// matrix (kernels/pose/kcs.hpp). Outputs, in the order of the parts: of both arms (2 R, 16), of both legs (2 R, 25), of
/// the torso (R, 49). Gradients of the other columns are zero.
struct GramColumns {
    static constexpr std::string_view name = "gram_columns";
};

// Graph tensors: nodes are joints or body parts. Node v of pose b of group g is column (g * nodes + v) * B + b of a
// matrix with one row a channel, B being the poses of a group; groups are those of BatchNorm, and are outermost so
// that its equal runs of columns stay together. A product over such columns is a convolution over all nodes.

/// (nodes * C, groups * B), row v * C + c, to the graph tensor (C, groups * nodes * B).
struct SpreadNodes {
    static constexpr std::string_view name = "spread_nodes";
    std::int32_t nodes = 0, groups = 1;
};

/// The inverse of SpreadNodes.
struct StackNodes {
    static constexpr std::string_view name = "stack_nodes";
    std::int32_t nodes = 0, groups = 1;
};

/// The learnt adjacency of a semantic graph convolution (SemGCN, Zhao et al. 2019, equation 3) over the 16 joints.
/// Inputs: x (C, groups * 16 * B); edge weights (1, 46), in the row-major order of the adjacency's non-zero cells
/// (a joint is its own neighbour). A softmax over each joint's neighbours weighs them.
/// Output (2C, same columns): rows 0..C-1 each joint's weighted own features, rows C..2C-1 the weighted sum of its
/// neighbours'. The convolution is the product of this with the stacked weights (2C, out), transposed.
struct SemanticGraph {
    static constexpr std::string_view name = "semantic_graph";
    std::int32_t groups = 1;
};

/// The fixed adjacency of an ST-GCN block over 17 joints or 5 body parts: four column-normalised hop matrices a_k
/// (self, towards the centre, away from it, mirrored). Inputs: x (4C, groups * nodes * B); bias (4C, 1).
/// y[c, w] = sum over k and v of a_k[v, w] (x[k * C + c, v] + bias[k * C + c]), (C, same columns).
struct HopGraph {
    static constexpr std::string_view name = "hop_graph";
    std::int32_t nodes = 17, groups = 1;
};

/// y[c, p] = the largest x[c, v] of the nodes v with part_of[v] = p; equal ones share the gradient.
/// (C, groups * nodes * B) to (C, groups * parts * B).
struct PoolNodes {
    static constexpr std::string_view name = "pool_nodes";
    std::int32_t nodes = 0, parts = 0, groups = 1;
    std::uint8_t part_of[kMaxNodes] = {};
};

/// y[c, v] = x[c, index[v]]: a node may be taken more than once. (C, groups * from * B) to (C, groups * nodes * B).
struct SelectNodes {
    static constexpr std::string_view name = "select_nodes";
    std::int32_t from = 0, nodes = 0, groups = 1;
    std::uint8_t index[kMaxNodes] = {};
};

/// Attention among the nodes of each pose (the non-local block of Wang et al. 2018, embedded Gaussian):
/// y[:, v] = sum over u of softmax_u(theta[:, v] . phi[:, u]) g[:, u]. Inputs theta, phi (K, groups * nodes * B) and
/// g (C, same columns). Outputs: y (C, same columns); auxiliary: the softmax, (nodes * nodes, groups * B), row
/// v * nodes + u.
struct NodeAttention {
    static constexpr std::string_view name = "node_attention";
    std::int32_t nodes = 0, groups = 1;
};

std::vector<Op> network_ops();

} // namespace poseaug
