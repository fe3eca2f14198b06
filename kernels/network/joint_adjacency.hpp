#pragma once
#include "kernels/elementary.hpp"
#include "kernels/graph.hpp"
#include "kernels/view.hpp"

#include <cmath>
#include <cstdint>

namespace poseaug {

// The learnt adjacency of SemanticGraph. Scratch holds the dense matrix a (16, 16), and after it, in the backward, a
// row of 46 numbers for each channel: what it adds to the gradient of the adjacency's cells.

inline constexpr int kAdjacencyCells = kJoints * kJoints;

constexpr std::int64_t semantic_graph_scratch(int channels) {
    return kAdjacencyCells + static_cast<std::int64_t>(channels) * kJointGraph.edges;
}

/// Row `joint` of the adjacency: a softmax of the weights of its edges, zero where there is none.
template <class T>
POSEAUG_HD void joint_adjacency(const NodeGraph& graph, const View<const T>& edge_weights, int joint, T* a) {
    const int first = graph.first_edge[joint], count = graph.count[joint];
    T most = edge_weights(0, first);
    for (int k = 1; k < count; ++k) {
        const T e = edge_weights(0, first + k);
        most = select(e > most, e, most);
    }
    T sum = lit<T>(0);
    for (int k = 0; k < count; ++k) sum += exp_of(edge_weights(0, first + k) - most);
    for (int j = 0; j < kJoints; ++j) a[joint * kJoints + j] = lit<T>(0);
    for (int k = 0; k < count; ++k)
        a[joint * kJoints + graph.neighbour[joint][k]] = exp_of(edge_weights(0, first + k) - most) / sum;
}

/// Gradient of one edge's weight from the gradients of the cells in its joint's row.
template <class T> POSEAUG_HD T edge_gradient(const NodeGraph& graph, const T* a, const T* d_cells, int joint, int k) {
    const T* const row = a + joint * kJoints;
    T mean = lit<T>(0);
    for (int i = 0; i < graph.count[joint]; ++i) mean += row[graph.neighbour[joint][i]] * d_cells[i];
    return row[graph.neighbour[joint][k]] * (d_cells[k] - mean);
}

} // namespace poseaug
