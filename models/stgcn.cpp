#include "models/stgcn.hpp"

#include "kernels/pose/op_list.hpp"

#include <algorithm>

namespace poseaug {
namespace {

/// Joints, with the neck, to body parts.
constexpr std::uint8_t kPartOf[kJointsWithNeck] = {4, 3, 3, 3, 2, 2, 2, 4, 4, 4, 4, 0, 0, 0, 1, 1, 1};

constexpr double kBlockDropout = 0.05, kPooledDropout = 0.25, kMergedDropout = 0.1;
constexpr double kInputEps = 0.1; ///< of the input's norm: public checkpoints were trained so

std::string named(const std::string& layer) { return "stgcn." + layer; }

enum class Shortcut { none, identity, convolution };

/// What is specific to one graph block; its channels are counted in widths of the network.
struct Block {
    const char* name;
    int nodes, channels;
    Shortcut shortcut;
};
constexpr Block kJointBlocks[] = {{"stgcn.st_gcn_networks.0.", kJointsWithNeck, 1, Shortcut::none},
                                  {"stgcn.st_gcn_networks.1.", kJointsWithNeck, 1, Shortcut::identity},
                                  {"stgcn.st_gcn_networks.2.", kJointsWithNeck, 2, Shortcut::convolution}};
constexpr Block kPartBlocks[] = {{"stgcn.st_gcn_pool.0.", kBodyParts, 4, Shortcut::convolution},
                                 {"stgcn.st_gcn_pool.1.", kBodyParts, 4, Shortcut::identity}};

void add_convolution(Layout& layout, const std::string& name, int in, int out) {
    add_convolution(layout, name, in, out, true, 2);
}

void add_block(Layout& layout, const Block& b, int in, int out) {
    const std::string name = b.name;
    add_convolution(layout, name + "gcn.conv", in, kHops * out);
    add_norm(layout, name + "tcn.0", out);
    add_convolution(layout, name + "tcn.3", out, out);
    add_norm(layout, name + "tcn.4", out);
    if (b.shortcut != Shortcut::convolution) return;
    add_convolution(layout, name + "residual.0", in, out);
    add_norm(layout, name + "residual.1", out);
}

template <class T> Var run_block(Scope<T>& scope, const Block& b, Var x) {
    Tape<T>& tape = scope.tape();
    const std::string name = b.name, convolution = name + "gcn.conv";
    const double rate = scope.dropout_rate(kBlockDropout);
    const Var hops = tape.template apply<HopGraph>(
        {scope.product(convolution, x), scope.parameter(convolution + ".bias")}, {b.nodes, scope.mode().groups});
    const Var mixed = scope.norm(name + "tcn.0", hops, {.slope = 0, .dropout = rate});
    Var shortcut;
    if (b.shortcut == Shortcut::identity) shortcut = x;
    if (b.shortcut == Shortcut::convolution) shortcut = scope.linear_norm(name + "residual.0", name + "residual.1", x);
    const Var sum = scope.linear_norm(name + "tcn.3", name + "tcn.4", mixed, {.dropout = rate, .residual = shortcut});
    return tape.template apply<BiasActivation>({sum}, {0.0});
}

/// For each part, its own features beside those of the whole pose; (2 * width, parts).
template <class T> Var merge_parts(Scope<T>& scope, Var parts) {
    Tape<T>& tape = scope.tape();
    const int groups = scope.mode().groups;
    const Var pooled = tape.template apply<PoolNodes>({parts}, {kBodyParts, 1, groups});
    const Var whole = scope.linear_norm(named("conv4.0"), named("conv4.1"), pooled,
                                        {.slope = 0, .dropout = scope.dropout_rate(kPooledDropout)});
    const Var everywhere = tape.template apply<SelectNodes>({whole}, {1, kBodyParts, groups});
    return scope.linear_norm(named("conv2.0"), named("conv2.1"), tape.template apply<ConcatRows>({everywhere, parts}),
                             {.slope = 0, .dropout = scope.dropout_rate(kMergedDropout)});
}

/// The joints with what the joints they attend to add. The weights of attention sum to one. So phi's bias cancels, and
/// g's passes through to the norm, as part of the bias before it.
template <class T> Var attend(Scope<T>& scope, Var joints) {
    const std::string name = named("non_local.");
    const Var theta = scope.linear(name + "theta", joints);
    const Var phi = scope.product(name + "phi", joints), g = scope.product(name + "g", joints);
    const Var y = scope.tape().template apply<NodeAttention>({theta, phi, g}, {kJointsWithNeck, scope.mode().groups});
    return scope.norm(name + "W.1", scope.product(name + "W.0", y), {.residual = joints},
                      scope.linear(name + "W.0", scope.parameter(name + "g.bias")));
}

} // namespace

Layout stgcn_layout(int width) {
    const int merged = 2 * width, pooled = 4 * width;
    Layout layout;
    add_norm(layout, named("data_bn"), 2 * kJointsWithNeck);
    int in = 2;
    const auto add = [&](const Block& b) {
        const int out = b.channels * width;
        add_block(layout, b, in, out);
        in = out;
    };
    std::ranges::for_each(kJointBlocks, add);
    std::ranges::for_each(kPartBlocks, add);
    add_convolution(layout, named("conv4.0"), pooled, pooled);
    add_norm(layout, named("conv4.1"), pooled);
    add_convolution(layout, named("conv2.0"), 2 * pooled, merged);
    add_norm(layout, named("conv2.1"), merged);
    for (const char* layer : {"g", "theta", "phi"})
        add_convolution(layout, named("non_local.") + layer, 2 * merged, merged);
    add_convolution(layout, named("non_local.W.0"), merged, 2 * merged);
    add_norm(layout, named("non_local.W.1"), 2 * merged, 0); // the block starts as the identity
    add_convolution(layout, named("fcn.1"), 2 * merged, 3);
    return layout;
}

template <class T> Var stgcn(Scope<T>& scope, Var image) {
    Tape<T>& tape = scope.tape();
    const int groups = scope.mode().groups;
    const Var input = scope.norm(named("data_bn"), tape.template apply<InsertNeck>({image}), {.eps = kInputEps});
    Var joints = tape.template apply<SpreadNodes>({input}, {kJointsWithNeck, groups});
    for (const Block& b : kJointBlocks) joints = run_block(scope, b, joints);

    PoolNodes pool{kJointsWithNeck, kBodyParts, groups};
    SelectNodes unpool{kBodyParts, kJointsWithNeck, groups};
    std::ranges::copy(kPartOf, pool.part_of);
    std::ranges::copy(kPartOf, unpool.index);
    Var parts = tape.template apply<PoolNodes>({joints}, pool);
    for (const Block& b : kPartBlocks) parts = run_block(scope, b, parts);
    const Var unpooled = tape.template apply<SelectNodes>({merge_parts(scope, parts)}, unpool);

    const Var attended = attend(scope, tape.template apply<ConcatRows>({joints, unpooled}));
    const Var pose = scope.linear(named("fcn.1"), scope.dropout(attended, scope.dropout_rate(kMergedDropout)));
    return tape.template apply<RemoveNeck>({tape.template apply<StackNodes>({pose}, {kJointsWithNeck, groups})});
}

template Var stgcn(Scope<float>&, Var);
template Var stgcn(Scope<double>&, Var);

} // namespace poseaug
