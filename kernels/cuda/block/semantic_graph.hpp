#pragma once
#include "kernels/cuda/block/block_sum.hpp"
#include "kernels/cuda/block/lane.hpp"
#include "kernels/network/joint_adjacency.hpp"
#include "kernels/network/node_columns.hpp"
#include "kernels/network/ops.hpp"

namespace poseaug {

template <class T> struct JointAdjacencyElement {
    View<const T> edge_weights;
    T* adjacency;
    NodeGraph graph;

    POSEAUG_HD void operator()(int, int joint) const { joint_adjacency<T>(graph, edge_weights, joint, adjacency); }
};

/// Elements are those of x; each makes the two of y in its channel and column.
template <class T> struct SemanticGraphElement {
    View<const T> x;
    View<T> y;
    const T* adjacency;
    NodeColumns at;
    NodeGraph graph;

    POSEAUG_HD void operator()(int channel, int c) const {
        const auto [group, joint, pose] = at.place(c);
        const T* const a = adjacency + joint * kJoints;
        T neighbours = T(0);
        for (int k = 0; k < graph.count[joint]; ++k) {
            const int j = graph.neighbour[joint][k];
            if (j != joint) neighbours += a[j] * x(channel, at.first(group, j) + pose);
        }
        y(channel, c) = a[joint] * x(channel, c);
        y(x.rows + channel, c) = neighbours;
    }
};

template <class T> struct SemanticGraphVjpElement {
    View<const T> d_y;
    View<T> d_x;
    const T* adjacency;
    NodeColumns at;
    NodeGraph graph;
    bool add;

    POSEAUG_HD void operator()(int channel, int c) const {
        const auto [group, j, pose] = at.place(c);
        T d = adjacency[j * kJoints + j] * d_y(channel, c);
        for (int k = 0; k < graph.count[j]; ++k) {
            const int joint = graph.neighbour[j][k]; // neighbours of each other
            if (joint != j)
                d += adjacency[joint * kJoints + j] * d_y(d_x.rows + channel, at.first(group, joint) + pose);
        }
        add_or_store(d, d_x(channel, c), add);
    }
};

/// A block a channel and joint: what the channel adds to the gradients of the joint's row of the adjacency.
template <class T> struct AdjacencyCellsBlock {
    static constexpr int threads = 128, phases = 3;
    struct Args {
        View<const T> x, d_y;
        T* d_cells;
        NodeColumns at;
        NodeGraph graph;
    };
    struct Shared {
        BlockSum<T, threads> sum[kMaxNeighbours];
    };

    template <int P> POSEAUG_HD static void phase(const Args& a, Shared& s, const Lane& lane) {
        const int channel = lane.block / kJoints, joint = lane.block % kJoints, count = a.graph.count[joint];
        if constexpr (P == 0) sum_thread(a, s, lane, channel, joint);
        if constexpr (P == 1)
            for (int k = 0; k < count; ++k) s.sum[k].fold(lane.thread);
        if constexpr (P == 2)
            if (lane.thread < count)
                a.d_cells[static_cast<std::int64_t>(channel) * a.graph.edges + a.graph.first_edge[joint] +
                          lane.thread] = s.sum[lane.thread].total();
    }

private:
    POSEAUG_HD static void sum_thread(const Args& a, Shared& s, const Lane& lane, int channel, int joint) {
        const T *own = a.d_y.row(channel), *lent = a.d_y.row(a.x.rows + channel), *x = a.x.row(channel);
        for (int k = 0; k < a.graph.count[joint]; ++k) {
            const int j = a.graph.neighbour[joint][k];
            const T* const d = j == joint ? own : lent;
            T sum = T(0);
            for (int g = 0; g < a.at.groups; ++g)
                for (int b = lane.thread; b < a.at.batch; b += threads)
                    sum += d[a.at.first(g, joint) + b] * x[a.at.first(g, j) + b];
            s.sum[k].put(lane.thread, sum);
        }
    }
};

/// A block a joint: gradients of its edges' weights from those of the cells, summed over the channels.
template <class T> struct EdgeWeightsVjpBlock {
    static constexpr int threads = 128, phases = 4;
    struct Args {
        const T *adjacency, *d_cells;
        View<T> d_edge_weights;
        NodeGraph graph;
        int channels;
        bool add;
    };
    struct Shared {
        BlockSum<T, threads> sum[kMaxNeighbours];
        T d_cells[kMaxNeighbours];
    };

    template <int P> POSEAUG_HD static void phase(const Args& a, Shared& s, const Lane& lane) {
        const int joint = lane.block, count = a.graph.count[joint], first = a.graph.first_edge[joint];
        if constexpr (P == 0)
            for (int k = 0; k < count; ++k) {
                T sum = T(0);
                for (int c = lane.thread; c < a.channels; c += threads)
                    sum += a.d_cells[static_cast<std::int64_t>(c) * a.graph.edges + first + k];
                s.sum[k].put(lane.thread, sum);
            }
        if constexpr (P == 1)
            for (int k = 0; k < count; ++k) s.sum[k].fold(lane.thread);
        if constexpr (P == 2)
            if (lane.thread < count) s.d_cells[lane.thread] = s.sum[lane.thread].total();
        if constexpr (P == 3)
            if (lane.thread < count)
                add_or_store(edge_gradient<T>(a.graph, a.adjacency, s.d_cells, joint, lane.thread),
                             a.d_edge_weights(0, first + lane.thread), a.add);
    }
};

struct SemanticGraphKernels {
    using Params = SemanticGraph;

    template <class T, class L> static void value(L& launch, const Call<T>& call) {
        const auto& x = call.in[0];
        make_adjacency(launch, call);
        launch.elements(SemanticGraphElement<T>{x, call.out[0], call.scratch, columns(call), kJointGraph}, x.rows,
                        x.cols);
    }
    template <class T, class L> static void vjp(L& launch, const Call<T>& call) {
        const auto& x = call.in[0];
        T* const d_cells = call.scratch + kAdjacencyCells;
        make_adjacency(launch, call);
        if (call.d_in[0])
            launch.elements(SemanticGraphVjpElement<T>{call.d_out[0], call.d_in[0], call.scratch, columns(call),
                                                       kJointGraph, call.adds(0)},
                            x.rows, x.cols);
        if (!call.d_in[1]) return;
        launch.template blocks<AdjacencyCellsBlock<T>>({x, call.d_out[0], d_cells, columns(call), kJointGraph},
                                                       static_cast<std::int64_t>(x.rows) * kJoints);
        launch.template blocks<EdgeWeightsVjpBlock<T>>(
            {call.scratch, d_cells, call.d_in[1], kJointGraph, x.rows, call.adds(1)}, kJoints);
    }

private:
    template <class T> static NodeColumns columns(const Call<T>& call) {
        return {kJoints, call.attributes.template as<Params>().groups, call.in[0].cols};
    }
    template <class T, class L> static void make_adjacency(L& launch, const Call<T>& call) {
        launch.elements(JointAdjacencyElement<T>{call.in[1], call.scratch, kJointGraph}, 1, kJoints);
    }
};

} // namespace poseaug
