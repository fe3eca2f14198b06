#pragma once
#include "kernels/error.hpp"
#include "kernels/scalar.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace poseaug {

/// Where the nodes of a graph tensor stand (see ops.hpp).
struct NodeColumns {
    int nodes, groups, batch;

    NodeColumns(int nodes_, int groups_, int cols) : nodes(nodes_), groups(groups_), batch(cols / (nodes_ * groups_)) {}

    /// The first of a node's `batch` columns.
    POSEAUG_HD int first(int group, int node) const { return (group * nodes + node) * batch; }
    /// What a column holds.
    struct Place {
        int group, node, pose;
    };
    POSEAUG_HD Place place(int column) const {
        const int run = column / batch;
        return {run / nodes, run % nodes, column - run * batch};
    }
};

/// Throws Error unless an op's input of `cols` columns divides into groups of so many nodes (1 for a stacked tensor).
inline void expect_nodes(std::string_view op, int input, int cols, int nodes, int groups) {
    if (nodes >= 1 && groups >= 1 && cols % (static_cast<std::int64_t>(nodes) * groups) == 0) return;
    throw Error(std::string(op) + ": the " + std::to_string(cols) + " columns of input " + std::to_string(input) +
                " do not divide into " + std::to_string(groups) + " groups of " + std::to_string(nodes) + " nodes");
}

} // namespace poseaug
