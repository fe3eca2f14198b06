#include "models/discriminators.hpp"

#include "kernels/pose/kcs.hpp"
#include "kernels/skeleton.hpp"

namespace poseaug {
namespace {

constexpr double kLeak = 0.01;

std::string path(int part) { return "kcs_path_" + std::to_string(part + 1) + "."; }

/// The columns of a 225-wide weight that meet non-zero entries of the part's Gram matrix.
SelectColumns gram_columns(int part) {
    SelectColumns columns;
    const int n = part_size(part);
    for (int i = 0; i < n; ++i)
        for (int j = 0; j < n; ++j)
            columns.index[columns.count++] =
                static_cast<std::uint8_t>(part_bone(part, i) * kBones + part_bone(part, j));
    return columns;
}

template <class T> Var score_part(Scope<T>& scope, int part, Var gram) {
    Tape<T>& tape = scope.tape();
    const std::string n = path(part);
    const Var weight =
        tape.template apply<SelectColumns>({scope.parameter(n + "kcs_layer_1.weight")}, gram_columns(part));
    const Var first = tape.template apply<MatMul>({weight, gram});
    const Var a = tape.template apply<BiasActivation>({first, scope.parameter(n + "kcs_layer_1.bias")}, {kLeak});
    const Var b = scope.linear(n + "kcs_layer_3", scope.linear(n + "kcs_layer_2", a, kLeak), 1.0, a);
    return scope.linear(n + "layer_pred", scope.linear(n + "layer_last", b, kLeak));
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
    return layout;
}

template <class T> Var discriminate_3d(Scope<T>& scope, Var joints) {
    Tape<T>& tape = scope.tape();
    const auto grams = tape.template apply_all<Kcs>({joints});
    Var score[kParts];
    for (int part = 0; part < kParts; ++part)
        score[part] = score_part(scope, part, grams[static_cast<std::size_t>(part)]);
    const Var four = tape.template apply<ConcatRows>({score[0], score[1], score[2], score[3]});
    return tape.template apply<ConcatRows>({four, score[4]});
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
