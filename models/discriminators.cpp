#include "models/discriminators.hpp"

#include "kernels/pose/kcs.hpp"
#include "kernels/skeleton.hpp"

namespace poseaug {
namespace {

constexpr double kLeak = 0.01;

std::string path(int part) { return "kcs_path_" + std::to_string(part + 1) + "."; }

/// A layer of all five paths.
Names of_paths(const std::string& layer) {
    Names names;
    for (int part = 0; part < kParts; ++part) names.push_back(path(part) + layer);
    return names;
}

} // namespace

Layout discriminator_3d_layout(int width, int score_width) {
    Layout layout;
    for (int part = 0; part < kParts; ++part) {
        const std::string n = path(part);
        add_dense(layout, n + "kcs_layer_1", kBones * kBones, width);
        add_dense(layout, n + "kcs_layer_2", width, width);
        add_dense(layout, n + "kcs_layer_3", width, width);
        add_dense(layout, n + "layer_last", width, score_width);
        add_dense(layout, n + "layer_pred", score_width, 1);
    }
    for (const char* layer : {"kcs_layer_1", "kcs_layer_2", "kcs_layer_3", "layer_last", "layer_pred"})
        stack(layout, of_paths(layer));
    return layout;
}

template <class T> Var discriminate_3d(Scope<T>& scope, Var joints) {
    Tape<T>& tape = scope.tape();
    const Names first = of_paths("kcs_layer_1");
    const auto weights = tape.template apply_all<GramColumns>({scope.parameter(with_suffix(first, ".weight"))});
    const Var product =
        tape.template apply<GroupedMatMul>({tape.template apply<Kcs>({joints}), weights[0], weights[1], weights[2], {}},
                                           {{parts_of_gram(0), parts_of_gram(1), parts_of_gram(2), 1}});
    const Var a = scope.activation(first, product, kLeak);
    const Var b = scope.linear(of_paths("kcs_layer_3"), scope.linear(of_paths("kcs_layer_2"), a, kLeak), 1.0, a);
    return scope.linear(of_paths("layer_pred"), scope.linear(of_paths("layer_last"), b, kLeak));
}

Layout discriminator_2d_layout(int width) {
    Layout layout;
    add_dense(layout, "pose_layer_1", 32, width);
    for (const std::string i : {"2", "3", "4"}) add_dense(layout, "pose_layer_" + i, width, width);
    add_dense(layout, "layer_last", width, width);
    add_dense(layout, "layer_pred", width, 1);
    return layout;
}

template <class T> Var discriminate_2d(Scope<T>& scope, Var image) {
    const Var a = scope.linear("pose_layer_1", image, kLeak);
    const Var b = scope.linear("pose_layer_3", scope.linear("pose_layer_2", a, kLeak), kLeak, a);
    const Var c = scope.linear("pose_layer_4", b);
    return scope.linear("layer_pred", scope.linear("layer_last", c, kLeak));
}

template Var discriminate_3d(Scope<float>&, Var);
template Var discriminate_3d(Scope<double>&, Var);
template Var discriminate_2d(Scope<float>&, Var);
template Var discriminate_2d(Scope<double>&, Var);

} // namespace poseaug
