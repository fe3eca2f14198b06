#include "models/videopose.hpp"

#include "kernels/pose/pad_hip.hpp"

namespace poseaug {
namespace {

constexpr int kBlocks = 4;
constexpr double kDropout = 0.25;

std::string convolution(int i) { return "layers_conv." + std::to_string(i); }
std::string norm(int i) { return "layers_bn." + std::to_string(i); }

} // namespace

Layout videopose_layout(int width) {
    Layout layout;
    add_convolution(layout, "expand_conv", 32, width, false, 1);
    add_norm(layout, "expand_bn", width);
    for (int i = 0; i < 2 * kBlocks; ++i) {
        add_convolution(layout, convolution(i), width, width, false, 1);
        add_norm(layout, norm(i), width);
    }
    add_convolution(layout, "shrink", width, 45, true, 1);
    return layout;
}

template <class T> Var videopose(Scope<T>& scope, Var image) {
    const double rate = scope.dropout_rate(kDropout);
    Var y = scope.convolution_norm("expand_conv", "expand_bn", image, {.slope = 0, .dropout = rate});
    for (int i = 0; i < 2 * kBlocks; i += 2) {
        const Var z = scope.convolution_norm(convolution(i), norm(i), y, {.slope = 0, .dropout = rate});
        y = scope.convolution_norm(convolution(i + 1), norm(i + 1), z, {.slope = 0, .dropout = rate, .residual = y});
    }
    const Var joints =
        scope.tape().template apply<BiasActivation>({scope.convolution("shrink", y), scope.parameter("shrink.bias")});
    return scope.tape().template apply<PadHip>({joints});
}

template Var videopose(Scope<float>&, Var);
template Var videopose(Scope<double>&, Var);

} // namespace poseaug
