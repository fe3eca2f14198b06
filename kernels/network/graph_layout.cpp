#include "kernels/network/move_columns.hpp"
#include "kernels/network/node_columns.hpp"
#include "kernels/network/node_maximum.hpp"
#include "kernels/network/rows.hpp"
#include "kernels/sampling.hpp"

namespace poseaug {
namespace {

/// graph(c, (g, v, b)) (+)= stacked(v * C + c, (g, b))
template <class T>
void spread(Queue& queue, const NodeColumns& at, const View<const T>& stacked, const View<T>& graph, bool add) {
    for_rows(queue, graph.rows, graph.cols, [&](int c) {
        for (int g = 0; g < at.groups; ++g)
            for (int v = 0; v < at.nodes; ++v)
                move_columns<T>(stacked, v * graph.rows + c, g * at.batch, graph, c, at.first(g, v), at.batch, add);
    });
}

/// stacked(v * C + c, (g, b)) (+)= graph(c, (g, v, b))
template <class T>
void stack(Queue& queue, const NodeColumns& at, const View<const T>& graph, const View<T>& stacked, bool add) {
    for_rows(queue, graph.rows, graph.cols, [&](int c) {
        for (int g = 0; g < at.groups; ++g)
            for (int v = 0; v < at.nodes; ++v)
                move_columns<T>(graph, c, at.first(g, v), stacked, v * graph.rows + c, g * at.batch, at.batch, add);
    });
}

void spread_shapes(const Attributes& attributes, const Shape* in, Shape* out) {
    const auto p = attributes.as<SpreadNodes>();
    expect_nodes(SpreadNodes::name, 0, in[0].cols, 1, p.groups);
    if (p.nodes < 1 || in[0].rows % p.nodes != 0)
        throw Error("spread_nodes: " + std::to_string(in[0].rows) + " rows do not divide into " +
                    std::to_string(p.nodes) + " nodes");
    out[0] = {in[0].rows / p.nodes, extent(SpreadNodes::name, static_cast<std::int64_t>(in[0].cols) * p.nodes)};
}

struct SpreadValue {
    template <class T> static void run(Queue& queue, const Call<T>& call) {
        const auto p = call.attributes.template as<SpreadNodes>();
        spread<T>(queue, {p.nodes, p.groups, call.out[0].cols}, call.in[0], call.out[0], false);
    }
};

struct SpreadVjp {
    template <class T> static void run(Queue& queue, const Call<T>& call) {
        const auto p = call.attributes.template as<SpreadNodes>();
        stack<T>(queue, {p.nodes, p.groups, call.d_out[0].cols}, call.d_out[0], call.d_in[0], call.adds(0));
    }
};

void stack_shapes(const Attributes& attributes, const Shape* in, Shape* out) {
    const auto p = attributes.as<StackNodes>();
    expect_nodes(StackNodes::name, 0, in[0].cols, p.nodes, p.groups);
    out[0] = {extent(StackNodes::name, static_cast<std::int64_t>(in[0].rows) * p.nodes), in[0].cols / p.nodes};
}

struct StackValue {
    template <class T> static void run(Queue& queue, const Call<T>& call) {
        const auto p = call.attributes.template as<StackNodes>();
        stack<T>(queue, {p.nodes, p.groups, call.in[0].cols}, call.in[0], call.out[0], false);
    }
};

struct StackVjp {
    template <class T> static void run(Queue& queue, const Call<T>& call) {
        const auto p = call.attributes.template as<StackNodes>();
        spread<T>(queue, {p.nodes, p.groups, call.d_in[0].cols}, call.d_out[0], call.d_in[0], call.adds(0));
    }
};

/// The nodes of a body part.
struct Members {
    int count = 0, node[kMaxNodes] = {};

    Members(const PoolNodes& p, int part) {
        for (int v = 0; v < p.nodes; ++v)
            if (p.part_of[v] == part) node[count++] = v;
    }
};

void pool_shapes(const Attributes& attributes, const Shape* in, Shape* out) {
    const auto p = attributes.as<PoolNodes>();
    expect_nodes(PoolNodes::name, 0, in[0].cols, p.nodes, p.groups);
    if (p.nodes > kMaxNodes) throw Error("pool_nodes: " + std::to_string(p.nodes) + " nodes are too many");
    for (int v = 0; v < p.nodes; ++v)
        if (p.part_of[v] >= p.parts)
            throw Error("pool_nodes: node " + std::to_string(v) + " belongs to part " + std::to_string(p.part_of[v]) +
                        " of " + std::to_string(p.parts));
    for (int part = 0; part < p.parts; ++part)
        if (Members(p, part).count == 0) throw Error("pool_nodes: part " + std::to_string(part) + " has no nodes");
    out[0] = {in[0].rows, extent(PoolNodes::name, static_cast<std::int64_t>(in[0].cols / p.nodes) * p.parts)};
}

struct PoolValue {
    template <class T> static void run(Queue& queue, const Call<T>& call) {
        const auto p = call.attributes.template as<PoolNodes>();
        const NodeColumns from(p.nodes, p.groups, call.in[0].cols), to(p.parts, p.groups, call.out[0].cols);
        std::vector<Members> parts; // the same for all channels
        for (int part = 0; part < p.parts; ++part) parts.emplace_back(p, part);
        for_rows(queue, call.in[0].rows, call.in[0].cols, [&](int c) {
            const T* const x = call.in[0].row(c);
            for (int part = 0; part < p.parts; ++part) {
                const Members& members = parts[static_cast<std::size_t>(part)];
                for (int g = 0; g < p.groups; ++g)
                    for_lanes<T>(0, to.batch, [&](int b, auto lanes) {
                        using L = decltype(lanes);
                        auto most = L::load(x + from.first(g, members.node[0]) + b);
                        for (int k = 1; k < members.count; ++k)
                            most = larger(most, L::load(x + from.first(g, members.node[k]) + b));
                        L::store(most, call.out[0].row(c) + to.first(g, part) + b);
                    });
            }
        });
    }
};

struct PoolVjp {
    template <class T> static void run(Queue& queue, const Call<T>& call) {
        const auto p = call.attributes.template as<PoolNodes>();
        const NodeColumns from(p.nodes, p.groups, call.in[0].cols), to(p.parts, p.groups, call.d_out[0].cols);
        for_rows(queue, call.in[0].rows, call.in[0].cols, [&](int c) {
            const T* const x = call.in[0].row(c);
            T* const d_x = call.d_in[0].row(c);
            for (int part = 0; part < p.parts; ++part) {
                const Members members(p, part);
                for (int g = 0; g < p.groups; ++g)
                    for_lanes<T>(0, to.batch, [&](int b, auto lanes) {
                        using L = decltype(lanes);
                        using P = typename L::type;
                        const P most = L::load(call.out[0].row(c) + to.first(g, part) + b);
                        const P one = lit<P>(1), none = lit<P>(0);
                        P equal = none;
                        for (int k = 0; k < members.count; ++k)
                            equal += select(L::load(x + from.first(g, members.node[k]) + b) == most, one, none);
                        const P d_most = L::load(call.d_out[0].row(c) + to.first(g, part) + b);
                        for (int k = 0; k < members.count; ++k) {
                            const int column = from.first(g, members.node[k]) + b;
                            const P d = share_of_gradient<P>(L::load(x + column), most, equal, d_most);
                            L::store(call.adds(0) ? P(L::load(d_x + column) + d) : d, d_x + column);
                        }
                    });
            }
        });
    }
};

void select_shapes(const Attributes& attributes, const Shape* in, Shape* out) {
    const auto p = attributes.as<SelectNodes>();
    expect_nodes(SelectNodes::name, 0, in[0].cols, p.from, p.groups);
    if (p.nodes < 1 || p.nodes > kMaxNodes)
        throw Error("select_nodes: cannot select " + std::to_string(p.nodes) + " nodes");
    for (int v = 0; v < p.nodes; ++v)
        if (p.index[v] >= p.from)
            throw Error("select_nodes: node " + std::to_string(p.index[v]) + " of " + std::to_string(p.from));
    out[0] = {in[0].rows, extent(SelectNodes::name, static_cast<std::int64_t>(in[0].cols / p.from) * p.nodes)};
}

struct SelectValue {
    template <class T> static void run(Queue& queue, const Call<T>& call) {
        const auto p = call.attributes.template as<SelectNodes>();
        const NodeColumns from(p.from, p.groups, call.in[0].cols), to(p.nodes, p.groups, call.out[0].cols);
        for_rows(queue, call.out[0].rows, call.out[0].cols, [&](int c) {
            for (int g = 0; g < p.groups; ++g)
                for (int v = 0; v < p.nodes; ++v)
                    move_columns<T>(call.in[0], c, from.first(g, p.index[v]), call.out[0], c, to.first(g, v), to.batch,
                                    false);
        });
    }
};

struct SelectVjp {
    template <class T> static void run(Queue& queue, const Call<T>& call) {
        const auto p = call.attributes.template as<SelectNodes>();
        const auto& d_x = call.d_in[0];
        const NodeColumns from(p.from, p.groups, d_x.cols), to(p.nodes, p.groups, call.d_out[0].cols);
        for_rows(queue, d_x.rows, d_x.cols, [&](int c) {
            if (!call.adds(0)) std::fill(d_x.row(c), d_x.row(c) + d_x.cols, T(0));
            for (int g = 0; g < p.groups; ++g)
                for (int v = 0; v < p.nodes; ++v)
                    move_columns<T>(call.d_out[0], c, to.first(g, v), d_x, c, from.first(g, p.index[v]), to.batch,
                                    true);
        });
    }
};

/// The maximum only compares. Backward, nodes that reach it are counted and the gradient is divided among them.
double pool_flops(const Attributes& attributes, const Shape* in, Direction direction, unsigned) {
    const auto p = attributes.as<PoolNodes>();
    return direction == Direction::value ? 0 : elements(in[0]) * (p.nodes + p.parts) / p.nodes;
}

/// A node may be selected twice, so the backward adds.
double select_flops(const Attributes& attributes, const Shape* in, Direction direction, unsigned) {
    const auto p = attributes.as<SelectNodes>();
    return direction == Direction::value ? 0 : elements(in[0]) * p.nodes / p.from;
}

using sampling::normal;

std::vector<Sample> spread_samples() {
    return {sample("one group", Attributes::of(SpreadNodes{5, 1}), {normal(15, 37)}),
            sample("three groups", Attributes::of(SpreadNodes{17, 3}), {normal(34, 3 * 19)})};
}
std::vector<Sample> stack_samples() {
    return {sample("one group", Attributes::of(StackNodes{5, 1}), {normal(3, 5 * 37)}),
            sample("three groups", Attributes::of(StackNodes{17, 3}), {normal(2, 3 * 17 * 19)})};
}
std::vector<Sample> pool_samples() {
    const PoolNodes limbs{17, 5, 1, {4, 3, 3, 3, 2, 2, 2, 4, 4, 4, 4, 0, 0, 0, 1, 1, 1}}, all{5, 1, 3, {}};
    return {sample("limbs and trunk", Attributes::of(limbs), {normal(3, 17 * 21)}),
            sample("all nodes, three groups", Attributes::of(all), {normal(4, 3 * 5 * 18)}),
            kink("nodes of a part that are equally large: they share its gradient evenly", Attributes::of(limbs),
                 {sampling::filled(2, 17 * 9, 0.5)})};
}
std::vector<Sample> select_samples() {
    const SelectNodes joints{5, 17, 1, {4, 3, 3, 3, 2, 2, 2, 4, 4, 4, 4, 0, 0, 0, 1, 1, 1}}, some{5, 3, 3, {3, 0, 3}},
        copies{1, 5, 1, {}};
    return {sample("parts to joints", Attributes::of(joints), {normal(3, 5 * 21)}),
            sample("some twice, some never, three groups", Attributes::of(some), {normal(2, 3 * 5 * 18)}),
            sample("one to all", Attributes::of(copies), {normal(2, 18)})};
}

} // namespace

Op spread_nodes_op() {
    Op op = network_op<SpreadNodes, SpreadValue, SpreadVjp>("rows of nodes side by side", 1, 1);
    op.differentiable = 0b1;
    op.shapes = spread_shapes;
    op.make_samples = spread_samples;
    op.flops = no_flops;
    op.text = {"Poses with their nodes stacked, to a graph tensor with a column for every node of every pose.",
               "graph[c, (g, v, b)] = stacked[v * R + c, (g, b)]  for node v of pose b of group g",
               "A transposition of three axes, which copies run by run.",
               {{"stacked", "(nodes * R, groups * B)"}},
               {{"graph", "(R, groups * nodes * B)"}},
               {}};
    return op;
}

Op stack_nodes_op() {
    Op op = network_op<StackNodes, StackValue, StackVjp>("columns of nodes stacked", 1, 1);
    op.differentiable = 0b1;
    op.shapes = stack_shapes;
    op.make_samples = stack_samples;
    op.flops = no_flops;
    op.text = {"A graph tensor to poses with their nodes stacked: the inverse of spread_nodes.",
               "stacked[v * R + c, (g, b)] = graph[c, (g, v, b)]  for node v of pose b of group g",
               "A transposition of three axes, which copies run by run.",
               {{"graph", "(R, groups * nodes * B)"}},
               {{"stacked", "(nodes * R, groups * B)"}},
               {}};
    return op;
}

Op pool_nodes_op() {
    Op op = network_op<PoolNodes, PoolValue, PoolVjp>("PoseAug reference, maximum over body parts", 1, 1);
    op.differentiable = 0b1;
    op.saved_in = op.saved_out = 0b1;
    op.shapes = pool_shapes;
    op.make_samples = pool_samples;
    op.flops = pool_flops;
    op.text = {"The maximum over the joints of each body part.",
               "y[c, p] = max over the nodes v of part p of x[c, v], which share the gradient where several reach it\n"
               "NaN where one of them is NaN, and then the gradients of all nodes of the part are NaN too",
               "A gather and a maximum for every part, and their stacking.",
               {{"x", "(R, groups * nodes * B)"}},
               {{"y", "(R, groups * parts * B)"}},
               {}};
    return op;
}

Op select_nodes_op() {
    Op op = network_op<SelectNodes, SelectValue, SelectVjp>("nodes by index", 1, 1);
    op.differentiable = 0b1;
    op.shapes = select_shapes;
    op.make_samples = select_samples;
    op.flops = select_flops;
    op.text = {"Nodes of a graph by index, such as every joint's body part.",
               "y[c, v] = x[c, index[v]];  a node that is taken more than once gathers all gradients",
               "A copy for every node, and their stacking; backward, a fill and a sum.",
               {{"x", "(R, groups * from * B)"}},
               {{"y", "(R, groups * nodes * B)"}},
               {}};
    return op;
}

} // namespace poseaug
