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

const std::array<Trunk, 4>& trunks() {
    static const std::array<Trunk, 4> all = {
        trunk("BAprocess.", "", 48 + kNoise, 45), trunk("BLprocess.", "_BL", 63 + kNoise, 9),
        trunk("RTprocess.", "_R", 48 + kNoise, 3), trunk("RTprocess.", "_T", 48 + kNoise, 3)};
    return all;
}

std::string stage_layer(const Trunk& t, int stage, const std::string& layer) {
    return t.stages + "." + std::to_string(stage) + "." + layer;
}

template <class T> Var run_trunk(Scope<T>& scope, const Trunk& t, Var x) {
    Var y = scope.linear_norm(t.first, t.first_norm, x, {.slope = kLeak});
    for (int s = 0; s < 2; ++s)
        for (const std::string half : {"1", "2"})
            y = scope.linear_norm(stage_layer(t, s, "w" + half), stage_layer(t, s, "batch_norm" + half), y,
                                  {.slope = kLeak});
    return scope.linear(t.last, y);
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
    return layout;
}

template <class T> Augmented augment(Scope<T>& scope, Var joints, const std::array<Var, 4>& noise, double ratio_limit) {
    Tape<T>& tape = scope.tape();
    const Var flat = tape.template apply<HipRelative>({joints});
    const Var length = tape.template apply_all<UnitBones>({joints})[1];
    const auto fed = [&](int i) { return tape.template apply<ConcatRows>({flat, noise[static_cast<std::size_t>(i)]}); };

    Augmented a;
    const Var change = run_trunk(scope, trunks()[0], fed(0));
    const auto angle = tape.template apply_all<BoneAngleStep>({joints, change});
    a.pose_ba = angle[0];
    a.angle_diff = angle[1];

    const Var ratios = run_trunk(scope, trunks()[1], tape.template apply<ConcatRows>({flat, length, noise[1]}));
    const auto lengthened = tape.template apply_all<BoneLengthStep>({a.pose_ba, ratios}, {ratio_limit});
    a.pose_bl = lengthened[0];
    a.ratio = lengthened[1];

    const Var rotation = run_trunk(scope, trunks()[2], fed(2));
    const Var translation = run_trunk(scope, trunks()[3], fed(3));
    const auto moved = tape.template apply_all<RotateTranslate>({a.pose_bl, rotation, translation});
    a.pose_rt = moved[0];
    a.rotation = moved[1];
    a.translation = moved[2];
    return a;
}

template Augmented augment(Scope<float>&, Var, const std::array<Var, 4>&, double);
template Augmented augment(Scope<double>&, Var, const std::array<Var, 4>&, double);

} // namespace poseaug
