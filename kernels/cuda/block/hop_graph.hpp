#pragma once
#include "kernels/cuda/block/block_sum.hpp"
#include "kernels/cuda/block/lane.hpp"
#include "kernels/network/node_columns.hpp"
#include "kernels/network/ops.hpp"

namespace poseaug {

template <class T> struct HopGraphElement {
    View<const T> x, bias;
    View<T> y;
    NodeColumns at;
    NodeGraph graph;

    POSEAUG_HD void operator()(int channel, int c) const {
        const auto [group, w, pose] = at.place(c);
        T sum = T(0);
        for (int k = 0; k < graph.count[w]; ++k) {
            const int r = graph.hop[w][k] * y.rows + channel;
            sum += x(r, at.first(group, graph.neighbour[w][k]) + pose) + bias(r, 0);
        }
        y(channel, c) = sum / static_cast<T>(graph.count[w]);
    }
};

/// Elements are those of y; each makes the four of d_x in its channel and column.
template <class T> struct HopGraphVjpElement {
    View<const T> d_y;
    View<T> d_x;
    NodeColumns at;
    NodeGraph graph;
    bool add;

    POSEAUG_HD void operator()(int channel, int c) const {
        const auto [group, v, pose] = at.place(c);
        T d[kHops] = {};
        for (int k = 0; k < graph.count[v]; ++k) {
            const int w = graph.neighbour[v][k], seen = seen_back(graph.hop[v][k]);
            const T lent = d_y(channel, at.first(group, w) + pose) / static_cast<T>(graph.count[w]);
            for (int hop = 0; hop < kHops; ++hop) d[hop] += select(seen == hop, lent, T(0));
        }
        for (int hop = 0; hop < kHops; ++hop) add_or_store(d[hop], d_x(hop * d_y.rows + channel, c), add);
    }
};

/// A block a channel: gradients of the biases of its four hops.
template <class T> struct HopBiasVjpBlock {
    static constexpr int threads = 256, phases = 3;
    struct Args {
        View<const T> d_y;
        View<T> d_bias;
        NodeColumns at;
        NodeGraph graph;
        bool add;
    };
    struct Shared {
        BlockSum<T, threads> sum[kHops];
    };

    template <int P> POSEAUG_HD static void phase(const Args& a, Shared& s, const Lane& lane) {
        if constexpr (P == 0) sum_thread(a, s, lane);
        if constexpr (P == 1)
            for (int hop = 0; hop < kHops; ++hop) s.sum[hop].fold(lane.thread);
        if constexpr (P == 2)
            if (lane.thread < kHops)
                add_or_store(s.sum[lane.thread].total(), a.d_bias(lane.thread * a.d_y.rows + lane.block, 0), a.add);
    }

private:
    POSEAUG_HD static void sum_thread(const Args& a, Shared& s, const Lane& lane) {
        const T* const d_y = a.d_y.row(lane.block);
        T sum[kHops] = {};
        for (int w = 0; w < a.graph.nodes; ++w) {
            T of_node = T(0);
            for (int g = 0; g < a.at.groups; ++g)
                for (int b = lane.thread; b < a.at.batch; b += threads) of_node += d_y[a.at.first(g, w) + b];
            of_node /= static_cast<T>(a.graph.count[w]);
            for (int k = 0; k < a.graph.count[w]; ++k)
                for (int hop = 0; hop < kHops; ++hop) sum[hop] += select(a.graph.hop[w][k] == hop, of_node, T(0));
        }
        for (int hop = 0; hop < kHops; ++hop) s.sum[hop].put(lane.thread, sum[hop]);
    }
};

struct HopGraphKernels {
    using Params = HopGraph;

    template <class T, class L> static void value(L& launch, const Call<T>& call) {
        const auto p = call.attributes.template as<Params>();
        const auto& y = call.out[0];
        launch.elements(
            HopGraphElement<T>{call.in[0], call.in[1], y, {p.nodes, p.groups, y.cols}, hop_graph_of(p.nodes)}, y.rows,
            y.cols);
    }
    template <class T, class L> static void vjp(L& launch, const Call<T>& call) {
        const auto p = call.attributes.template as<Params>();
        const auto& d_y = call.d_out[0];
        const NodeColumns at(p.nodes, p.groups, d_y.cols);
        if (call.d_in[0])
            launch.elements(HopGraphVjpElement<T>{d_y, call.d_in[0], at, hop_graph_of(p.nodes), call.adds(0)}, d_y.rows,
                            d_y.cols);
        if (call.d_in[1])
            launch.template blocks<HopBiasVjpBlock<T>>({d_y, call.d_in[1], at, hop_graph_of(p.nodes), call.adds(1)},
                                                       d_y.rows);
    }
};

} // namespace poseaug
