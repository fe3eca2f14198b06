#include "models/augmentor.hpp"

#include "kernels/pose/op_list.hpp"

namespace poseaug {
namespace {

constexpr double kLeak = 0.01;

/// One of the four nets: the checkpoints' names of its layers.
struct Trunk {
    std::string first, first_norm, stages, last;
    int in, out;
};

Trunk trunk(const std::string& part, const std::string& suffix, int in, int out) {
    return {part + "w1" + suffix,
            part + "batch_norm" + (suffix.empty() ? "1" : suffix),
            part + "linear_stages" + suffix,
            part + "w2" + suffix,
            in,
            out};
}

enum TrunkIndex { kAngle, kLength, kRotation, kTranslation };

/// In the order of files, and of the noise.
const std::array<Trunk, 4>& trunks() {
    static const std::array<Trunk, 4> all = {
        trunk("BAprocess.", "", 48 + kNoise, 45), trunk("BLprocess.", "_BL", 63 + kNoise, 9),
        trunk("RTprocess.", "_R", 48 + kNoise, 3), trunk("RTprocess.", "_T", 48 + kNoise, 3)};
    return all;
}

std::string stage_layer(const Trunk& t, int stage, const std::string& layer) {
    return t.stages + "." + std::to_string(stage) + "." + layer;
}

/// The order in which the trunks lie side by side in tensors and in memory: those of equal shapes together.
constexpr TrunkIndex kSideBySide[] = {kAngle, kRotation, kTranslation, kLength};

template <class F> Names of_trunks(const F& name) {
    Names names;
    for (const TrunkIndex i : kSideBySide) names.push_back(name(trunks()[i]));
    return names;
}
Names of_trunks(std::string Trunk::*name) {
    return of_trunks([name](const Trunk& t) { return t.*name; });
}
Names of_stages(int stage, const std::string& layer) {
    return of_trunks([&](const Trunk& t) { return stage_layer(t, stage, layer); });
}

/// What the trunks are fed, one above the other: the pose, that of bone lengths also the pose's own, and noise.
template <class T> Var trunk_inputs(Tape<T>& tape, Var joints, const std::array<Var, 4>& noise) {
    const Var features = tape.template apply<PoseFeatures>({joints});
    PickRows fed;
    for (const TrunkIndex i : kSideBySide) {
        fed.add(0, 0, i == kLength ? 3 * kJoints + kBones : 3 * kJoints);
        fed.add(1 + i, 0, kNoise);
    }
    return tape.template apply<PickRows>({features, noise[0], noise[1], noise[2], noise[3]}, fed);
}

/// Outputs of all trunks.
struct Changes {
    Var angle, rotation, translation, length;
};

/// All trunks, layer by layer.
template <class T> Changes run_trunks(Scope<T>& scope, Var x) {
    const NormOptions leaky{.slope = kLeak};
    Var y = scope.linear_norm(of_trunks(&Trunk::first), of_trunks(&Trunk::first_norm), x, leaky);
    for (int s = 0; s < 2; ++s)
        for (const std::string half : {"1", "2"})
            y = scope.linear_norm(of_stages(s, "w" + half), of_stages(s, "batch_norm" + half), y, leaky);
    y = scope.linear(of_trunks(&Trunk::last), y);
    const auto parts = scope.tape().split_rows(y, {3 * kBones, 3, 3, kRatios});
    return {parts[0], parts[1], parts[2], parts[3]};
}

} // namespace

Layout augmentor_layout(int width) {
    Layout layout;
    for (const Trunk& t : trunks()) {
        add_dense(layout, t.first, t.in, width);
        add_norm(layout, t.first_norm, width);
        for (int s = 0; s < 2; ++s)
            for (const std::string half : {"1", "2"}) {
                add_dense(layout, stage_layer(t, s, "w" + half), width, width);
                add_norm(layout, stage_layer(t, s, "batch_norm" + half), width);
            }
        add_dense(layout, t.last, width, t.out);
    }
    stack(layout, of_trunks(&Trunk::first));
    stack(layout, of_trunks(&Trunk::first_norm));
    for (int s = 0; s < 2; ++s)
        for (const std::string half : {"1", "2"}) {
            stack(layout, of_stages(s, "w" + half));
            stack(layout, of_stages(s, "batch_norm" + half));
        }
    stack(layout, of_trunks(&Trunk::last));
    return layout;
}

template <class T>
Augmented augment(Scope<T>& scope, Var joints, Var camera, const std::array<Var, 4>& noise, double ratio_limit) {
    Tape<T>& tape = scope.tape();
    const Changes change = run_trunks(scope, trunk_inputs(tape, joints, noise));

    Augmented a;
    const auto turned = tape.template apply_all<BoneAngleStep>({joints, change.angle, camera});
    a.pose_ba = turned[0];
    a.angle_diff = turned[1];
    a.image_ba = turned[2];
    a.stretch = change.length;
    const auto moved = tape.template apply_all<MoveAndProject>(
        {a.pose_ba, a.stretch, change.rotation, change.translation, camera}, {ratio_limit});
    a.pose_rt = moved[0];
    a.image_rt = moved[1];
    a.ratio = moved[2];
    a.rotation = moved[3];
    a.translation = moved[4];
    return a;
}

template Augmented augment(Scope<float>&, Var, Var, const std::array<Var, 4>&, double);
template Augmented augment(Scope<double>&, Var, Var, const std::array<Var, 4>&, double);

} // namespace poseaug
