#include "models/mlp.hpp"

#include "kernels/pose/pad_hip.hpp"

namespace poseaug {
namespace {

constexpr int kStages = 2;
constexpr double kDropout = 0.25;

std::string stage_layer(int stage, const std::string& layer) {
    return "linear_stages." + std::to_string(stage) + "." + layer;
}

} // namespace

Layout mlp_layout(int width) {
    Layout layout;
    add_dense(layout, "w1", 32, width);
    add_norm(layout, "batch_norm1", width);
    for (int s = 0; s < kStages; ++s)
        for (const std::string half : {"1", "2"}) {
            add_dense(layout, stage_layer(s, "w" + half), width, width);
            add_norm(layout, stage_layer(s, "batch_norm" + half), width);
        }
    add_dense(layout, "w2", width, 45);
    return layout;
}

template <class T> Var mlp(Scope<T>& scope, Var image) {
    const double rate = scope.dropout_rate(kDropout);
    Var y = scope.linear_norm("w1", "batch_norm1", image, {.slope = 0, .dropout = rate});
    for (int s = 0; s < kStages; ++s) {
        const Var z =
            scope.linear_norm(stage_layer(s, "w1"), stage_layer(s, "batch_norm1"), y, {.slope = 0, .dropout = rate});
        y = scope.linear_norm(stage_layer(s, "w2"), stage_layer(s, "batch_norm2"), z,
                              {.slope = 0, .dropout = rate, .residual = y});
    }
    return scope.tape().template apply<PadHip>({scope.linear("w2", y)});
}

template Var mlp(Scope<float>&, Var);
template Var mlp(Scope<double>&, Var);

} // namespace poseaug
