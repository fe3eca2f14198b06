#pragma once
#include "kernels/cuda/block/block_sum.hpp"
#include "kernels/network/node_columns.hpp"
#include "kernels/network/node_maximum.hpp"
#include "kernels/network/ops.hpp"

namespace poseaug {

// SpreadNodes and StackNodes: elements are those of the stacked tensor, (v * C + c, (g, b)).

template <class T> struct SpreadElement {
    View<const T> stacked;
    View<T> graph;
    NodeColumns at;
    bool add;

    POSEAUG_HD void operator()(int r, int c) const {
        const int group = c / at.batch, column = at.first(group, r / graph.rows) + c - group * at.batch;
        add_or_store(stacked(r, c), graph(r % graph.rows, column), add);
    }
};

template <class T> struct StackElement {
    View<const T> graph;
    View<T> stacked;
    NodeColumns at;
    bool add;

    POSEAUG_HD void operator()(int r, int c) const {
        const int group = c / at.batch, column = at.first(group, r / graph.rows) + c - group * at.batch;
        add_or_store(graph(r % graph.rows, column), stacked(r, c), add);
    }
};

template <class P, class T, class L>
void launch_spread(L& launch, const P& p, const View<const T>& stacked, const View<T>& graph, bool add) {
    launch.elements(SpreadElement<T>{stacked, graph, {p.nodes, p.groups, graph.cols}, add}, stacked.rows, stacked.cols);
}
template <class P, class T, class L>
void launch_stack(L& launch, const P& p, const View<const T>& graph, const View<T>& stacked, bool add) {
    launch.elements(StackElement<T>{graph, stacked, {p.nodes, p.groups, graph.cols}, add}, stacked.rows, stacked.cols);
}

struct SpreadNodesKernels {
    using Params = SpreadNodes;

    template <class T, class L> static void value(L& launch, const Call<T>& call) {
        launch_spread(launch, call.attributes.template as<Params>(), call.in[0], call.out[0], false);
    }
    template <class T, class L> static void vjp(L& launch, const Call<T>& call) {
        launch_stack(launch, call.attributes.template as<Params>(), call.d_out[0], call.d_in[0], call.adds(0));
    }
};

struct StackNodesKernels {
    using Params = StackNodes;

    template <class T, class L> static void value(L& launch, const Call<T>& call) {
        launch_stack(launch, call.attributes.template as<Params>(), call.in[0], call.out[0], false);
    }
    template <class T, class L> static void vjp(L& launch, const Call<T>& call) {
        launch_spread(launch, call.attributes.template as<Params>(), call.d_out[0], call.d_in[0], call.adds(0));
    }
};

template <class T> struct PoolNodesElement {
    View<const T> x;
    View<T> y;
    NodeColumns from, to;
    PoolNodes pool;

    POSEAUG_HD void operator()(int r, int c) const {
        const auto [group, part, pose] = to.place(c);
        T most = T(0);
        bool found = false;
        for (int v = 0; v < pool.nodes; ++v) {
            if (pool.part_of[v] != part) continue;
            const T value = x(r, from.first(group, v) + pose);
            most = found ? larger(most, value) : value;
            found = true;
        }
        y(r, c) = most;
    }
};

/// Elements are those of the parts, each of which writes the gradients of its nodes.
template <class T> struct PoolNodesVjpElement {
    View<const T> x, y, d_y;
    View<T> d_x;
    NodeColumns from, to;
    PoolNodes pool;
    bool add;

    POSEAUG_HD void operator()(int r, int c) const {
        const auto [group, part, pose] = to.place(c);
        const T most = y(r, c);
        T equal = T(0);
        for (int v = 0; v < pool.nodes; ++v)
            if (pool.part_of[v] == part && x(r, from.first(group, v) + pose) == most) equal += T(1);
        for (int v = 0; v < pool.nodes; ++v) {
            if (pool.part_of[v] != part) continue;
            const int column = from.first(group, v) + pose;
            add_or_store(share_of_gradient<T>(x(r, column), most, equal, d_y(r, c)), d_x(r, column), add);
        }
    }
};

struct PoolNodesKernels {
    using Params = PoolNodes;

    template <class T, class L> static void value(L& launch, const Call<T>& call) {
        const auto p = call.attributes.template as<Params>();
        const auto& x = call.in[0];
        const auto& y = call.out[0];
        launch.elements(PoolNodesElement<T>{x, y, {p.nodes, p.groups, x.cols}, {p.parts, p.groups, y.cols}, p}, y.rows,
                        y.cols);
    }
    template <class T, class L> static void vjp(L& launch, const Call<T>& call) {
        const auto p = call.attributes.template as<Params>();
        const auto& y = call.out[0];
        launch.elements(PoolNodesVjpElement<T>{call.in[0],
                                               y,
                                               call.d_out[0],
                                               call.d_in[0],
                                               {p.nodes, p.groups, call.in[0].cols},
                                               {p.parts, p.groups, y.cols},
                                               p,
                                               call.adds(0)},
                        y.rows, y.cols);
    }
};

template <class T> struct SelectNodesElement {
    View<const T> x;
    View<T> y;
    NodeColumns from, to;
    SelectNodes chosen;

    POSEAUG_HD void operator()(int r, int c) const {
        const auto [group, node, pose] = to.place(c);
        y(r, c) = x(r, from.first(group, chosen.index[node]) + pose);
    }
};

/// Every node looks for itself among the chosen ones, so that one chosen twice gets both gradients without atomics.
template <class T> struct SelectNodesVjpElement {
    View<const T> d_y;
    View<T> d_x;
    NodeColumns from, to;
    SelectNodes chosen;
    bool add;

    POSEAUG_HD void operator()(int r, int c) const {
        const auto [group, node, pose] = from.place(c);
        T sum = T(0);
        for (int v = 0; v < chosen.nodes; ++v)
            if (chosen.index[v] == node) sum += d_y(r, to.first(group, v) + pose);
        add_or_store(sum, d_x(r, c), add);
    }
};

struct SelectNodesKernels {
    using Params = SelectNodes;

    template <class T, class L> static void value(L& launch, const Call<T>& call) {
        const auto p = call.attributes.template as<Params>();
        const auto& x = call.in[0];
        const auto& y = call.out[0];
        launch.elements(SelectNodesElement<T>{x, y, {p.from, p.groups, x.cols}, {p.nodes, p.groups, y.cols}, p}, y.rows,
                        y.cols);
    }
    template <class T, class L> static void vjp(L& launch, const Call<T>& call) {
        const auto p = call.attributes.template as<Params>();
        const auto& d_x = call.d_in[0];
        launch.elements(SelectNodesVjpElement<T>{call.d_out[0],
                                                 d_x,
                                                 {p.from, p.groups, d_x.cols},
                                                 {p.nodes, p.groups, call.d_out[0].cols},
                                                 p,
                                                 call.adds(0)},
                        d_x.rows, d_x.cols);
    }
};

} // namespace poseaug
