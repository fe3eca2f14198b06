#include "data/onnx_ops.hpp"
#include "kernels/network/ops.hpp"

#include <algorithm>
#include <cmath>

namespace poseaug {
namespace {

using Integers = std::vector<std::int64_t>;

/// A graph tensor, in the model (nodes * B, C), apart by nodes: (nodes, B, C).
std::string by_nodes(OnnxConversion& c, int input, int nodes) {
    return c.model().reshape(c.input(input), {nodes, -1, c.shape(input).rows});
}

/// The order of nodes and batch changed: poses first, for ops that mix the nodes of a pose.
std::string by_poses(OnnxConversion& c, int input, int nodes) {
    return c.model().transpose(by_nodes(c, input, nodes), {1, 0, 2});
}

/// The weights (to, from) of a mixture of nodes applied to x (from, B, channels), as a graph tensor (to * B, channels).
std::string mixed(OnnxModel& model, const std::string& weights, const std::string& x, int from, int channels) {
    const std::string flat = model.reshape(x, {from, -1});
    return model.reshape(model.add("MatMul", {weights, flat}), {-1, channels});
}

void require_one_group(const OnnxConversion& c, int groups) {
    if (groups != 1)
        throw Error("export to ONNX: '" + std::string(c.op()) + "' was recorded with " + std::to_string(groups) +
                    " groups; record it with one");
}

std::string spread_nodes(OnnxConversion& c) {
    const auto p = c.params<SpreadNodes>();
    require_one_group(c, p.groups);
    const int channels = c.shape(0).rows / p.nodes;
    OnnxModel& model = c.model();
    return model.reshape(model.transpose(model.reshape(c.input(0), {-1, p.nodes, channels}), {1, 0, 2}),
                         {-1, channels});
}

std::string stack_nodes(OnnxConversion& c) {
    const auto p = c.params<StackNodes>();
    require_one_group(c, p.groups);
    return c.model().reshape(by_poses(c, 0, p.nodes), {-1, p.nodes * c.shape(0).rows});
}

/// A softmax over each joint's edges, as SemanticGraph has it: rows 0..15 each joint's own weight, 16..31 those of its
/// neighbours, (2 * 16, 16).
std::vector<float> joint_weights(const std::vector<float>& edges) {
    const NodeGraph& graph = kJointGraph;
    std::vector<float> weights(2 * kJoints * kJoints);
    for (int v = 0; v < kJoints; ++v) {
        const float* edge = &edges[graph.first_edge[v]];
        const float most = *std::max_element(edge, edge + graph.count[v]);
        float sum = 0;
        for (int k = 0; k < graph.count[v]; ++k) sum += std::exp(edge[k] - most);
        for (int k = 0; k < graph.count[v]; ++k) {
            const int u = graph.neighbour[v][k];
            const int place = (u == v ? v : kJoints + v) * kJoints + u;
            weights[static_cast<std::size_t>(place)] = std::exp(edge[k] - most) / sum;
        }
    }
    return weights;
}

std::string semantic_graph(OnnxConversion& c) {
    require_one_group(c, c.params<SemanticGraph>().groups);
    OnnxModel& model = c.model();
    const int channels = c.shape(0).rows;
    const std::string weights =
        model.constant(c.name_from(1, "softmax"), {2 * kJoints, kJoints}, joint_weights(c.values(1)));
    const std::string both = mixed(model, weights, by_nodes(c, 0, kJoints), kJoints, channels);
    const std::string halves = model.reshape(both, {2, kJoints, -1, channels});
    return model.reshape(model.transpose(halves, {1, 2, 0, 3}), {-1, 2 * channels});
}

/// The hop matrices of HopGraph side by side and transposed, (nodes, 4 * nodes).
std::vector<float> hop_weights(const NodeGraph& graph) {
    std::vector<float> weights(static_cast<std::size_t>(kHops * graph.nodes * graph.nodes));
    for (int w = 0; w < graph.nodes; ++w)
        for (int k = 0; k < graph.count[w]; ++k) {
            const int from = graph.hop[w][k] * graph.nodes + graph.neighbour[w][k];
            const int place = w * kHops * graph.nodes + from;
            weights[static_cast<std::size_t>(place)] = 1.0F / graph.count[w];
        }
    return weights;
}

std::string hop_graph(OnnxConversion& c) {
    const auto p = c.params<HopGraph>();
    require_one_group(c, p.groups);
    OnnxModel& model = c.model();
    const int channels = c.shape(0).rows / kHops;
    const std::string x = model.reshape(c.biased(0, c.vector(1)), {p.nodes, -1, kHops, channels});
    const std::string weights = model.constant("hops_of_" + std::to_string(p.nodes), {p.nodes, kHops * p.nodes},
                                               hop_weights(hop_graph_of(p.nodes)));
    return mixed(model, weights, model.transpose(x, {2, 0, 1, 3}), kHops * p.nodes, channels);
}

std::string pool_nodes(OnnxConversion& c) {
    const auto p = c.params<PoolNodes>();
    require_one_group(c, p.groups);
    OnnxModel& model = c.model();
    const std::string x = by_nodes(c, 0, p.nodes);
    std::vector<std::string> parts;
    for (int part = 0; part < p.parts; ++part) {
        Integers nodes;
        for (int v = 0; v < p.nodes; ++v)
            if (p.part_of[v] == part) nodes.push_back(v);
        const std::string of_part = model.add("Gather", {x, model.integers(nodes)}, {{"axis", std::int64_t{0}}});
        parts.push_back(model.add("ReduceMax", {of_part}, {{"axes", Integers{0}}, {"keepdims", std::int64_t{1}}}));
    }
    return model.reshape(model.add("Concat", parts, {{"axis", std::int64_t{0}}}), {-1, c.shape(0).rows});
}

std::string select_nodes(OnnxConversion& c) {
    const auto p = c.params<SelectNodes>();
    require_one_group(c, p.groups);
    OnnxModel& model = c.model();
    const Integers index(p.index, p.index + p.nodes);
    const std::string taken =
        model.add("Gather", {by_nodes(c, 0, p.from), model.integers(index)}, {{"axis", std::int64_t{0}}});
    return model.reshape(taken, {-1, c.shape(0).rows});
}

std::string node_attention(OnnxConversion& c) {
    const auto p = c.params<NodeAttention>();
    require_one_group(c, p.groups);
    OnnxModel& model = c.model();
    const std::string theta = by_poses(c, 0, p.nodes), g = by_poses(c, 2, p.nodes);
    const std::string phi = model.transpose(by_nodes(c, 1, p.nodes), {1, 2, 0});
    const std::string attention =
        model.add("Softmax", {model.add("MatMul", {theta, phi})}, {{"axis", std::int64_t{-1}}});
    const std::string y = model.add("MatMul", {attention, g});
    return model.reshape(model.transpose(y, {1, 0, 2}), {-1, c.shape(2).rows});
}

} // namespace

OnnxConverters onnx_node_converters() {
    return {{SpreadNodes::name, spread_nodes},     {StackNodes::name, stack_nodes},
            {SemanticGraph::name, semantic_graph}, {HopGraph::name, hop_graph},
            {PoolNodes::name, pool_nodes},         {SelectNodes::name, select_nodes},
            {NodeAttention::name, node_attention}};
}

} // namespace poseaug
