#include "training/objective.hpp"

#include "kernels/pose/op_list.hpp"
#include "models/discriminators.hpp"

namespace poseaug {
namespace {

/// What the estimator pays for the source and for both augmented poses. Unless it `teaches`, nothing learns from that.
template <class T>
Var feedback(const ObjectiveScopes<T>& nets, const Objective& o, Var joints, Var of_source, Var hardness, bool teaches,
             const LossSettings& s) {
    Tape<T>& tape = nets.augmentor.tape();
    const auto seen = [&](Var v) { return teaches ? v : tape.constant(tape.value(v)); };
    const Var of_both = nets.estimator.forward(
        nets.estimator_augmented, tape.template apply<ConcatColumns>({seen(o.pose.image_ba), seen(o.pose.image_rt)}));
    const std::initializer_list<Var> inputs = {of_source, joints, of_both, seen(o.pose.pose_ba), seen(o.pose.pose_rt),
                                               hardness};
    if (s.feedback == FeedbackLoss::paper)
        return tape.template apply<ExponentialFeedback>(inputs, {{s.weight_ba}, {s.weight_rt}});
    return tape.template apply<Feedback>(inputs, {{s.hard_ba_std, s.weight_ba}, {s.hard_rt_std, s.weight_rt}});
}

} // namespace

std::array<double, 2> hardness_at(int epoch, int epochs, const LossSettings& s) {
    const double progress = static_cast<double>(epoch) / epochs;
    const auto at = [&](double start, double end) { return start + (end - start) * progress; };
    return {at(s.hard_ba_start, s.hard_ba_end), at(s.hard_rt_start, s.hard_rt_end)};
}

double total_of(const ObjectiveTerms& terms, bool feedback, const LossSettings& s) {
    const auto& [adversarial_3d, adversarial_2d, angle, length, feedback_ba, feedback_rt] = terms;
    const double own =
        s.weight_2d * adversarial_2d + s.weight_3d * adversarial_3d + s.weight_difference * (angle + length);
    return feedback ? own + feedback_ba + feedback_rt : own;
}

template <class T>
Objective augmentor_objective(const ObjectiveScopes<T>& nets, Var joints, Var camera, const std::array<Var, 4>& noise,
                              Var hardness, bool feedback_teaches, const LossSettings& s) {
    Tape<T>& tape = nets.augmentor.tape();
    Objective o;
    o.image_source = tape.template apply<Project>({joints, camera});
    Var real_3d, real_2d, estimate_source;
    tape.stream().beside([&] { // of the source, which need not wait for the augmentor
        estimate_source = nets.estimator.forward(nets.estimator_source, o.image_source);
        real_3d = discriminate_3d(nets.discriminator_3d, joints);
        real_2d = discriminate_2d(nets.discriminator_2d, o.image_source);
    });
    o.pose = augment(nets.augmentor, joints, camera, noise, s.ratio_limit);
    tape.stream().join(); // also because the estimator's statistics move by the source before they do by the augmented

    Var fake_3d, fake_2d;
    tape.stream().beside([&] {
        fake_3d = discriminate_3d(nets.discriminator_3d, o.pose.pose_ba);
        fake_2d = discriminate_2d(nets.discriminator_2d, o.pose.image_rt);
    });
    o.feedback = feedback(nets, o, joints, estimate_source, hardness, feedback_teaches, s);
    tape.stream().join();
    o.own = tape.template apply<AugmentorLoss>(
        {fake_3d, real_3d, fake_2d, real_2d, o.pose.angle_diff, o.pose.ratio},
        {s.weight_3d, s.weight_2d, s.weight_difference, {s.angle_mean, s.angle_range}, {0.0, s.ratio_range}});
    return o;
}

template <class T> Var discriminator_3d_loss(Scope<T>& net, Var shown) {
    return net.tape().template apply<DiscriminatorLoss<5>>({discriminate_3d(net, shown)});
}

template <class T> Var discriminator_2d_loss(Scope<T>& net, Var shown) {
    return net.tape().template apply<DiscriminatorLoss<1>>({discriminate_2d(net, shown)});
}

template Objective augmentor_objective(const ObjectiveScopes<float>&, Var, Var, const std::array<Var, 4>&, Var, bool,
                                       const LossSettings&);
template Objective augmentor_objective(const ObjectiveScopes<double>&, Var, Var, const std::array<Var, 4>&, Var, bool,
                                       const LossSettings&);
template Var discriminator_3d_loss(Scope<float>&, Var);
template Var discriminator_3d_loss(Scope<double>&, Var);
template Var discriminator_2d_loss(Scope<float>&, Var);
template Var discriminator_2d_loss(Scope<double>&, Var);

} // namespace poseaug
