#pragma once
#include "kernels/skeleton.hpp"

#include <cstdint>

namespace poseaug {

inline constexpr int kMaxNodes = 17;
inline constexpr int kMaxNeighbours = 5; ///< of a node, itself among them
inline constexpr int kHops = 4;

/// Where a neighbour stands, seen from a node: it is the node itself, lies farther from the centre (its features move
/// towards the centre), nearer to it, or on the other side of the body.
enum Hop : std::uint8_t { kSelf, kFarther, kNearer, kMirrored };

/// Where the node stands, seen from such a neighbour.
POSEAUG_HD constexpr Hop seen_back(Hop hop) { return hop == kFarther ? kNearer : hop == kNearer ? kFarther : hop; }

/// The neighbours of every node, in ascending order, the node among them; numbered through they are the edges.
struct NodeGraph {
    int nodes = 0, edges = 0;
    std::uint8_t count[kMaxNodes] = {};      ///< neighbours of a node
    std::uint8_t first_edge[kMaxNodes] = {}; ///< number of the edge to the first neighbour
    std::uint8_t neighbour[kMaxNodes][kMaxNeighbours] = {};
    Hop hop[kMaxNodes][kMaxNeighbours] = {};
};

/// What a graph is made from: edges join each node to its parent, and to its mirror image where that is another node.
struct BodyTree {
    int nodes = 0, centre = 0;
    int parent[kMaxNodes] = {}, mirror[kMaxNodes] = {};
};

constexpr NodeGraph node_graph(const BodyTree& tree) {
    int distance[kMaxNodes] = {};
    for (int v = 0; v < tree.nodes; ++v) distance[v] = v == tree.centre ? 0 : tree.nodes;
    const auto shorten = [&](int from, int to) {
        if (distance[to] > distance[from] + 1) distance[to] = distance[from] + 1;
    };
    for (int round = 0; round < tree.nodes; ++round)
        for (int v = 0; v < tree.nodes; ++v) {
            if (tree.parent[v] < 0) continue;
            shorten(v, tree.parent[v]);
            shorten(tree.parent[v], v);
        }
    NodeGraph graph;
    graph.nodes = tree.nodes;
    for (int v = 0; v < tree.nodes; ++v) {
        graph.first_edge[v] = static_cast<std::uint8_t>(graph.edges);
        for (int u = 0; u < tree.nodes; ++u) {
            const bool mirrored = tree.mirror[v] == u && u != v;
            if (u != v && !mirrored && tree.parent[u] != v && tree.parent[v] != u) continue;
            graph.neighbour[v][graph.count[v]] = static_cast<std::uint8_t>(u);
            graph.hop[v][graph.count[v]++] = u == v                      ? kSelf
                                             : mirrored                  ? kMirrored
                                             : distance[u] > distance[v] ? kFarther
                                                                         : kNearer;
            ++graph.edges;
        }
    }
    return graph;
}

constexpr BodyTree joint_tree() {
    BodyTree tree{kJoints, 0};
    for (int j = 0; j < kJoints; ++j) {
        tree.parent[j] = parent_of(j);
        tree.mirror[j] = j;
    }
    return tree;
}

/// Index of the neck in a skeleton of 17 joints: between thorax and head, whose parent it is. The other joints keep
/// their order.
inline constexpr int kNeck = 9;
inline constexpr int kJointsWithNeck = kJoints + 1;
POSEAUG_HD constexpr int joint_with_neck(int joint) { return joint < kNeck ? joint : joint + 1; }

constexpr BodyTree neck_tree() {
    constexpr int spine = 7, thorax = 8;
    BodyTree tree{kJointsWithNeck, spine};
    for (int j = 0; j < kJoints; ++j) {
        tree.parent[joint_with_neck(j)] = parent_of(j) < 0 ? -1 : joint_with_neck(parent_of(j));
        tree.mirror[joint_with_neck(j)] = joint_with_neck(mirror_of(j));
    }
    tree.parent[kNeck] = thorax;
    tree.parent[kNeck + 1] = kNeck;
    tree.mirror[kNeck] = kNeck;
    return tree;
}

/// Left arm, right arm, left leg, right leg, trunk: the limbs hang on the trunk.
inline constexpr int kBodyParts = 5;
constexpr BodyTree part_tree() { return {kBodyParts, 4, {4, 4, 4, 4, -1}, {1, 0, 3, 2, 4}}; }

/// The 16 joints without mirror edges; 17 joints and body parts with them.
inline constexpr NodeGraph kJointGraph = node_graph(joint_tree());
inline constexpr NodeGraph kNeckGraph = node_graph(neck_tree());
inline constexpr NodeGraph kPartGraph = node_graph(part_tree());
static_assert(kJointGraph.edges == 46 && kNeckGraph.edges == 61 && kPartGraph.edges == 17);

/// The graph of HopGraph: of 5 parts, or else of 17 joints.
constexpr const NodeGraph& hop_graph_of(int nodes) { return nodes == kPartGraph.nodes ? kPartGraph : kNeckGraph; }

} // namespace poseaug
