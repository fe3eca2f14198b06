#include "models/gcn.hpp"

#include <cmath>

namespace poseaug {
namespace {

constexpr int kBlocks = 4;
constexpr double kDropout = 0.0;

const char* const kInput = "gconv_input.0";
const char* const kOutput = "gconv_output";

std::string half(int block, int which) {
    return "gconv_layers." + std::to_string(block) + ".gconv" + std::to_string(which);
}

void add_graph_convolution(Layout& layout, const std::string& name, int in, int out) {
    // Xavier with gain 1.414; fans of a (2, in, out) tensor as the common frameworks count them: in x out and 2 x out
    const double fans = static_cast<double>(in) * out + 2.0 * out;
    layout.push_back({name + ".W", {2, in, out}, Init::uniform, 1.414 * std::sqrt(6 / fans), true, 2});
    layout.push_back({name + ".e", {1, kJointGraph.edges}, Init::constant, 1});
    layout.push_back({name + ".bias", {out}, Init::uniform, 1 / std::sqrt(out)});
}

void add_layer(Layout& layout, const std::string& name, int in, int out) {
    add_graph_convolution(layout, name + ".gconv", in, out);
    add_norm(layout, name + ".bn", out);
}

/// A semantic graph convolution without its bias. Joints are mixed before the product, A (x W) = (A x) W, so that both
/// weight matrices, for the joint itself and for its neighbours, make one product.
template <class T> Var graph_convolution(Scope<T>& scope, const std::string& name, Var x) {
    Tape<T>& tape = scope.tape();
    const Var mixed = tape.template apply<SemanticGraph>({x, scope.parameter(name + ".e")}, {scope.mode().groups});
    return tape.template apply<MatMul>({scope.parameter(name + ".W"), mixed}, {.transpose_weight = 1});
}

template <class T> Var layer(Scope<T>& scope, const std::string& name, Var x, Var residual = {}) {
    const std::string convolution = name + ".gconv";
    return scope.norm(name + ".bn", graph_convolution(scope, convolution, x),
                      {.slope = 0, .dropout = scope.dropout_rate(kDropout), .residual = residual},
                      scope.parameter(convolution + ".bias"));
}

} // namespace

Layout gcn_layout(int width) {
    Layout layout;
    add_layer(layout, kInput, 2, width);
    for (int b = 0; b < kBlocks; ++b)
        for (const int which : {1, 2}) add_layer(layout, half(b, which), width, width);
    add_graph_convolution(layout, kOutput, width, 3);
    return layout;
}

template <class T> Var gcn(Scope<T>& scope, Var image) {
    Tape<T>& tape = scope.tape();
    const int groups = scope.mode().groups;
    Var y = layer(scope, kInput, tape.template apply<SpreadNodes>({image}, {kJoints, groups}));
    for (int b = 0; b < kBlocks; ++b) y = layer(scope, half(b, 2), layer(scope, half(b, 1), y), y);
    const Var joints = tape.template apply<BiasActivation>(
        {graph_convolution(scope, kOutput, y), scope.parameter(std::string(kOutput) + ".bias")});
    return tape.template apply<StackNodes>({joints}, {kJoints, groups});
}

template Var gcn(Scope<float>&, Var);
template Var gcn(Scope<double>&, Var);

} // namespace poseaug
