#include "kernels/network/joint_adjacency.hpp"
#include "kernels/network/node_columns.hpp"
#include "kernels/network/rows.hpp"
#include "kernels/row_driver.hpp"
#include "kernels/sampling.hpp"

namespace poseaug {
namespace {

enum In { kX, kEdgeWeights };

void semantic_graph_shapes(const Attributes& attributes, const Shape* in, Shape* out) {
    expect_nodes(SemanticGraph::name, kX, in[kX].cols, kJoints, attributes.as<SemanticGraph>().groups);
    expect_shape(SemanticGraph::name, kEdgeWeights, in[kEdgeWeights], {1, kJointGraph.edges});
    out[0] = {extent(SemanticGraph::name, std::int64_t{2} * in[kX].rows), in[kX].cols};
}

std::int64_t scratch_elements(const Attributes&, const Shape* in) { return semantic_graph_scratch(in[kX].rows); }

template <class T> NodeColumns columns(const Call<T>& call) {
    return {kJoints, call.attributes.template as<SemanticGraph>().groups, call.in[kX].cols};
}

/// The adjacency, row by row, in scratch.
template <class T> const T* adjacency(const Call<T>& call) {
    for (int joint = 0; joint < kJoints; ++joint)
        joint_adjacency<T>(kJointGraph, call.in[kEdgeWeights], joint, call.scratch);
    return call.scratch;
}

/// What joints keep of their features, and what each lends to the others, with the lenders as rows.
template <class T> struct Lending {
    T own[kJoints], to[kJoints][kJoints];

    explicit Lending(const T* a) {
        for (int joint = 0; joint < kJoints; ++joint)
            for (int j = 0; j < kJoints; ++j) {
                to[j][joint] = j == joint ? T(0.0) : a[joint * kJoints + j];
                if (j == joint) own[j] = a[joint * kJoints + j];
            }
    }
};

struct SemanticGraphValue {
    template <class T> static void run(Queue& queue, const Call<T>& call) {
        const T* const a = adjacency(call);
        const NodeColumns at = columns(call);
        const auto& x = call.in[kX];
        if (at.batch == 1) return single_pose(queue, call, at.groups, Lending<T>(a));
        for_rows(queue, x.rows, std::int64_t{2} * x.cols, [&](int c) {
            for (int g = 0; g < at.groups; ++g)
                for (int joint = 0; joint < kJoints; ++joint)
                    for_lanes<T>(0, at.batch, [&](int b, auto lanes) {
                        using L = decltype(lanes);
                        using P = typename L::type;
                        const auto weighted = [&](int j) {
                            return P(P(a[joint * kJoints + j]) * L::load(x.row(c) + at.first(g, j) + b));
                        };
                        P neighbours = lit<P>(0);
                        for (int k = 0; k < kJointGraph.count[joint]; ++k) {
                            const int j = kJointGraph.neighbour[joint][k];
                            if (j != joint) neighbours += weighted(j);
                        }
                        const int column = at.first(g, joint) + b;
                        L::store(weighted(joint), call.out[0].row(c) + column);
                        L::store(neighbours, call.out[0].row(x.rows + c) + column);
                    });
        });
    }

private:
    /// A lane is a joint: of the poses there are too few. All joints lend, those that are no neighbours times zero, so that
    /// a feature that is not finite makes its whole channel NaN.
    template <class T>
    static void single_pose(Queue& queue, const Call<T>& call, int groups, const Lending<T>& lending) {
        const auto& x = call.in[kX];
        for_rows(queue, x.rows, std::int64_t{2} * x.cols, [&](int c) {
            for (int g = 0; g < groups; ++g) {
                const T* const from = x.row(c) + g * kJoints;
                T *const own = call.out[0].row(c) + g * kJoints, *const lent =
                                                                     call.out[0].row(x.rows + c) + g * kJoints;
                for_lanes<T>(0, kJoints, [&](int joint, auto lanes) {
                    using L = decltype(lanes);
                    using P = typename L::type;
                    P neighbours = lit<P>(0);
                    for (int j = 0; j < kJoints; ++j) neighbours += P(from[j]) * L::load(lending.to[j] + joint);
                    L::store(L::load(lending.own + joint) * L::load(from + joint), own + joint);
                    L::store(neighbours, lent + joint);
                });
            }
        });
    }
};

struct SemanticGraphVjp {
    template <class T> static void run(Queue& queue, const Call<T>& call) {
        const T* const a = adjacency(call);
        T* const d_cells = call.scratch + kAdjacencyCells;
        const int channels = call.in[kX].rows;
        for_rows(queue, channels, std::int64_t{2} * call.in[kX].cols, [&](int c) {
            if (call.d_in[kX]) features(call, a, c);
            if (call.d_in[kEdgeWeights]) cells(call, c, d_cells + static_cast<std::int64_t>(c) * kJointGraph.edges);
        });
        if (call.d_in[kEdgeWeights]) edge_weights(call, a, d_cells, channels);
    }

private:
    /// Gradient of a channel's features: of the own ones by row c, of those lent to neighbours by row C + c.
    template <class T> static void features(const Call<T>& call, const T* a, int c) {
        const NodeColumns at = columns(call);
        const auto& d_x = call.d_in[kX];
        const T *own = call.d_out[0].row(c), *lent = call.d_out[0].row(d_x.rows + c);
        for (int g = 0; g < at.groups; ++g)
            for (int j = 0; j < kJoints; ++j)
                for_lanes<T>(0, at.batch, [&](int b, auto lanes) {
                    using L = decltype(lanes);
                    using P = typename L::type;
                    T* const to = d_x.row(c) + at.first(g, j) + b;
                    P d = call.adds(kX) ? L::load(to) : lit<P>(0);
                    for (int k = 0; k < kJointGraph.count[j]; ++k) {
                        const int joint = kJointGraph.neighbour[j][k]; // neighbours of each other
                        d += P(a[joint * kJoints + j]) * L::load((joint == j ? own : lent) + at.first(g, joint) + b);
                    }
                    L::store(d, to);
                });
    }
    /// What a channel adds to the gradients of the adjacency's cells.
    template <class T> static void cells(const Call<T>& call, int c, T* d_cells) {
        const NodeColumns at = columns(call);
        const T* const x = call.in[kX].row(c);
        const T *own = call.d_out[0].row(c), *lent = call.d_out[0].row(call.in[kX].rows + c);
        for (int joint = 0; joint < kJoints; ++joint)
            for (int k = 0; k < kJointGraph.count[joint]; ++k) {
                const int j = kJointGraph.neighbour[joint][k];
                T sum = T(0);
                for (int g = 0; g < at.groups; ++g) {
                    const T* const d = (joint == j ? own : lent) + at.first(g, joint);
                    const T* const features = x + at.first(g, j);
                    sum += sum_over<T>(0, at.batch, [&](int b, auto lanes) {
                        using L = decltype(lanes);
                        return typename L::type(L::load(d + b) * L::load(features + b));
                    });
                }
                d_cells[kJointGraph.first_edge[joint] + k] = sum;
            }
    }
    template <class T> static void edge_weights(const Call<T>& call, const T* a, const T* d_cells, int channels) {
        T sum[kJointGraph.edges] = {};
        for (int c = 0; c < channels; ++c) {
            const T* const of_channel = d_cells + static_cast<std::int64_t>(c) * kJointGraph.edges;
            for (int e = 0; e < kJointGraph.edges; ++e) sum[e] += of_channel[e];
        }
        for (int joint = 0; joint < kJoints; ++joint)
            for (int k = 0; k < kJointGraph.count[joint]; ++k) {
                const int first = kJointGraph.first_edge[joint];
                T& d = call.d_in[kEdgeWeights](0, first + k);
                const T value = edge_gradient<T>(kJointGraph, a, sum + first, joint, k);
                d = call.adds(kEdgeWeights) ? d + value : value;
            }
    }
};

/// The softmax takes four operations an edge, a few hundred in all. Every channel of a pose takes a product for each
/// edge and a sum for those between two joints.
double semantic_graph_flops(const Attributes&, const Shape* in, Direction direction, unsigned wanted) {
    constexpr double edges = kJointGraph.edges, softmax = 4 * edges;
    const double channels = elements(in[kX]) / kJoints; // of all poses
    if (direction == Direction::value) return softmax + channels * (2 * edges - kJoints);
    const double of_x = wanted >> kX & 1U ? channels * 2 * edges : 0;
    const double of_weights = wanted >> kEdgeWeights & 1U ? channels * 2 * edges + in[kX].rows * edges + softmax : 0;
    return softmax + of_x + of_weights;
}

std::vector<Sample> semantic_graph_samples() {
    using sampling::normal;
    const Attributes one = Attributes::of(SemanticGraph{1}), three = Attributes::of(SemanticGraph{3});
    return {sample("one group", one, {normal(3, 16 * 19), normal(1, 46)}),
            sample("three groups", three, {normal(2, 3 * 16 * 37), normal(1, 46)}),
            sample("equal weights", one, {normal(2, 16 * 5), sampling::filled(1, 46, 1.0)}),
            singular("weights too large for exp: the largest is subtracted first", one,
                     {normal(2, 16 * 9), normal(1, 46, 3.0, 500.0)})};
}

} // namespace

Op semantic_graph_op() {
    Op op = network_op<SemanticGraph, SemanticGraphValue, SemanticGraphVjp>(
        "SemGCN (Zhao et al. 2019), equation 3: own and neighbours' features", 2, 1);
    op.differentiable = 0b11;
    op.saved_in = 0b11;
    op.shapes = semantic_graph_shapes;
    op.scratch = scratch_elements;
    op.make_samples = semantic_graph_samples;
    op.flops = semantic_graph_flops;
    op.text = {
        "The learnt adjacency of a semantic graph convolution over the 16 joints.",
        "a[v, u] = softmax over the neighbours u of v (v among them) of edge_weights\n"
        "own[v] = a[v, v] x[v],  neighbours[v] = sum over u other than v of a[v, u] x[u]\n"
        "y = (own; neighbours);  the convolution is the product of the stacked weights with y",
        "The softmax of a masked 16 x 16 matrix, its split into diagonal and rest, and two products with it; the "
        "two weight matrices then make one product.",
        {{"x", "(R, groups * 16 * B)"}, {"edge_weights", "(1, 46)"}},
        {{"y", "(2 R, groups * 16 * B)"}},
        {}};
    return op;
}

} // namespace poseaug
