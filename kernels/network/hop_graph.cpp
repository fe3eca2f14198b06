#include "kernels/network/node_columns.hpp"
#include "kernels/network/rows.hpp"
#include "kernels/row_driver.hpp"
#include "kernels/sampling.hpp"

namespace poseaug {
namespace {

enum In { kX, kBias };

void hop_graph_shapes(const Attributes& attributes, const Shape* in, Shape* out) {
    const auto p = attributes.as<HopGraph>();
    if (p.nodes != kNeckGraph.nodes && p.nodes != kPartGraph.nodes)
        throw Error("hop_graph: there is no graph of " + std::to_string(p.nodes) + " nodes");
    expect_nodes(HopGraph::name, kX, in[kX].cols, p.nodes, p.groups);
    if (in[kX].rows % kHops != 0)
        throw Error("hop_graph: " + std::to_string(in[kX].rows) + " rows do not divide into four hops");
    expect_shape(HopGraph::name, kBias, in[kBias], {in[kX].rows, 1});
    out[0] = {in[kX].rows / kHops, in[kX].cols};
}

// A column of the adjacency has one value in all its cells: one over the node's neighbours.

struct HopGraphValue {
    template <class T> static void run(Queue& queue, const Call<T>& call) {
        const auto p = call.attributes.template as<HopGraph>();
        const NodeGraph& graph = hop_graph_of(p.nodes);
        const auto &x = call.in[kX], &bias = call.in[kBias];
        const NodeColumns at(p.nodes, p.groups, x.cols);
        const int channels = call.out[0].rows;
        if (at.batch == 1) return single_pose(queue, call, graph, p.groups);
        for_rows(queue, channels, std::int64_t{kHops} * x.cols, [&](int c) {
            for (int w = 0; w < p.nodes; ++w) {
                const int count = graph.count[w];
                const T share = T(1.0 / count);
                T shift = T(0.0);
                for (int k = 0; k < count; ++k) shift += bias(graph.hop[w][k] * channels + c, 0);
                for (int g = 0; g < p.groups; ++g) {
                    const T* from[kMaxNeighbours];
                    for (int k = 0; k < count; ++k)
                        from[k] = x.row(graph.hop[w][k] * channels + c) + at.first(g, graph.neighbour[w][k]);
                    T* const to = call.out[0].row(c) + at.first(g, w);
                    for_lanes<T>(0, at.batch, [&](int b, auto lanes) {
                        using L = decltype(lanes);
                        using P = typename L::type;
                        P sum = P(shift);
                        for (int k = 0; k < count; ++k) sum += L::load(from[k] + b);
                        L::store(sum * P(share), to + b);
                    });
                }
            }
        });
    }

private:
    /// With a column a node, what is to be known of the graph is found once for all channels.
    template <class T> static void single_pose(Queue& queue, const Call<T>& call, const NodeGraph& graph, int groups) {
        const auto &x = call.in[kX], &bias = call.in[kBias];
        const int channels = call.out[0].rows;
        std::int64_t of_x[kMaxNodes][kMaxNeighbours] = {}, of_bias[kMaxNodes][kMaxNeighbours] = {};
        T share[kMaxNodes];
        for (int w = 0; w < graph.nodes; ++w) {
            share[w] = T(1.0 / graph.count[w]);
            for (int k = 0; k < graph.count[w]; ++k) {
                of_x[w][k] = x.offset(graph.hop[w][k] * channels, graph.neighbour[w][k]);
                of_bias[w][k] = bias.offset(graph.hop[w][k] * channels, 0);
            }
        }
        for_rows(queue, channels, std::int64_t{kHops} * x.cols, [&](int c) {
            const T* const shifts = bias.row(c);
            for (int w = 0; w < graph.nodes; ++w) {
                T shift = T(0.0);
                for (int k = 0; k < graph.count[w]; ++k) shift += shifts[of_bias[w][k]];
                for (int g = 0; g < groups; ++g) {
                    const T* const from = x.row(c) + g * graph.nodes;
                    T sum = shift;
                    for (int k = 0; k < graph.count[w]; ++k) sum += from[of_x[w][k]];
                    call.out[0](c, g * graph.nodes + w) = sum * share[w];
                }
            }
        });
    }
};

struct HopGraphVjp {
    template <class T> static void run(Queue& queue, const Call<T>& call) {
        const auto p = call.attributes.template as<HopGraph>();
        const NodeGraph& graph = hop_graph_of(p.nodes);
        const auto& d_y = call.d_out[0];
        const NodeColumns at(p.nodes, p.groups, d_y.cols);
        for_rows(queue, d_y.rows, std::int64_t{kHops} * d_y.cols, [&](int c) {
            if (call.d_in[kX])
                for (int hop = 0; hop < kHops; ++hop) features(call, graph, at, c, static_cast<Hop>(hop));
            if (call.d_in[kBias]) biases(call, graph, at, c);
        });
    }

private:
    template <class T>
    static void features(const Call<T>& call, const NodeGraph& graph, const NodeColumns& at, int c, Hop hop) {
        const auto& d_y = call.d_out[0];
        for (int v = 0; v < graph.nodes; ++v)
            for (int g = 0; g < at.groups; ++g) {
                int count = 0; // nodes to which v lent its features of this hop
                const T* from[kMaxNeighbours];
                T share[kMaxNeighbours];
                for (int k = 0; k < graph.count[v]; ++k) {
                    if (seen_back(graph.hop[v][k]) != hop) continue;
                    const int w = graph.neighbour[v][k];
                    from[count] = d_y.row(c) + at.first(g, w);
                    share[count++] = T(1.0 / graph.count[w]);
                }
                T* const to = call.d_in[kX].row(hop * d_y.rows + c) + at.first(g, v);
                for_lanes<T>(0, at.batch, [&](int b, auto lanes) {
                    using L = decltype(lanes);
                    using P = typename L::type;
                    P d = call.adds(kX) ? L::load(to + b) : lit<P>(0);
                    for (int k = 0; k < count; ++k) d += P(share[k]) * L::load(from[k] + b);
                    L::store(d, to + b);
                });
            }
    }
    template <class T> static void biases(const Call<T>& call, const NodeGraph& graph, const NodeColumns& at, int c) {
        T sum[kHops] = {};
        for (int w = 0; w < graph.nodes; ++w) {
            T of_node = T(0);
            for (int g = 0; g < at.groups; ++g) {
                const T* const d_y = call.d_out[0].row(c) + at.first(g, w);
                of_node += sum_over<T>(0, at.batch, [&](int b, auto lanes) { return decltype(lanes)::load(d_y + b); });
            }
            for (int k = 0; k < graph.count[w]; ++k) sum[graph.hop[w][k]] += of_node * T(1.0 / graph.count[w]);
        }
        for (int hop = 0; hop < kHops; ++hop) {
            T& d = call.d_in[kBias](hop * call.d_out[0].rows + c, 0);
            d = call.adds(kBias) ? d + sum[hop] : sum[hop];
        }
    }
};

/// Every channel of a pose takes a sum an edge and a division a node; the biases, once a channel, are left out.
double hop_graph_flops(const Attributes& attributes, const Shape* in, Direction direction, unsigned wanted) {
    const NodeGraph& graph = hop_graph_of(attributes.as<HopGraph>().nodes);
    const double channels = elements(in[kX]) / (kHops * graph.nodes); // of all poses
    if (direction == Direction::value) return channels * (graph.edges + graph.nodes);
    const int of_x = wanted >> kX & 1U ? 2 * graph.edges : 0, of_bias = wanted >> kBias & 1U ? graph.nodes : 0;
    return channels * (of_x + of_bias);
}

std::vector<Sample> hop_graph_samples() {
    using sampling::normal;
    return {sample("17 joints", Attributes::of(HopGraph{17, 1}), {normal(12, 17 * 19), normal(12, 1)}),
            sample("17 joints, three groups", Attributes::of(HopGraph{17, 3}), {normal(8, 3 * 17 * 9), normal(8, 1)}),
            sample("5 parts", Attributes::of(HopGraph{5, 1}), {normal(12, 5 * 37), normal(12, 1)})};
}

} // namespace

Op hop_graph_op() {
    Op op = network_op<HopGraph, HopGraphValue, HopGraphVjp>(
        "ST-GCN (Yan et al. 2018) with the hop matrices of Cai et al. 2019", 2, 1);
    op.differentiable = 0b11;
    op.shapes = hop_graph_shapes;
    op.make_samples = hop_graph_samples;
    op.flops = hop_graph_flops;
    op.text = {"The fixed adjacency of an ST-GCN block, over 17 joints or 5 body parts.",
               "y[c, w] = sum over hops k and nodes v of a_k[v, w] (x[k R + c, v] + bias[k R + c])\n"
               "k: self, from farther off the centre, from nearer, from the mirror image\n"
               "a_k[v, w] = 1 / (number of neighbours of w) where v is its neighbour of that kind, else 0",
               "Adding the bias, four products with nodes x nodes matrices and three sums; zeros of the matrices are "
               "never touched.",
               {{"x", "(4 R, groups * nodes * B)"}, {"bias", "(4 R, 1)"}},
               {{"y", "(R, groups * nodes * B)"}},
               {}};
    return op;
}

} // namespace poseaug
