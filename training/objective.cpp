#include "training/objective.hpp"

#include "kernels/pose/op_list.hpp"
#include "models/discriminators.hpp"

namespace poseaug {
namespace {

template <class T> Var sum(Tape<T>& tape, std::initializer_list<Var> terms, std::initializer_list<double> weights) {
    WeightedSum p;
    std::copy(weights.begin(), weights.end(), p.weight);
    return tape.template apply<WeightedSum>(terms, p);
}

/// The left and the right columns of what two batches side by side gave.
template <class T> std::array<Var, 2> halves(Tape<T>& tape, Var both) {
    const auto parts = tape.template apply_all<HalveColumns>({both});
    return {parts[0], parts[1]};
}

/// Mean over scores of (score - label)^2.
template <int N, class T> Var least_squares(Tape<T>& tape, Var score, double label) {
    return tape.template apply<LeastSquares<N>>({score}, {label});
}

/// The fake should score 1. The real sample's term carries no gradient but is part of the reported value.
template <int N, class T> Var adversarial(Tape<T>& tape, Var fake, Var real) {
    return sum(tape, {least_squares<N>(tape, real, 0), least_squares<N>(tape, fake, 1)}, {0.5, 0.5});
}

/// `judge` scores both in one pass, side by side: it has no batch norm, so that poses do not meet.
template <int N, class T, class Judge>
DiscriminatorLoss discriminator_loss(Tape<T>& tape, const Judge& judge, Var shown_fake, Var shown_real) {
    const Var scores = judge(tape.template apply<ConcatColumns>({shown_fake, shown_real}));
    const auto [fake, real] = halves(tape, scores);
    return {sum(tape, {least_squares<N>(tape, real, 1), least_squares<N>(tape, fake, 0)}, {0.5, 0.5}),
            tape.template apply<ScoreAccuracy<N>>({fake}, {0}), tape.template apply<ScoreAccuracy<N>>({real}, {1})};
}

/// The estimator on the source, and on the bone-angle and the rotated poses side by side, with what is true.
struct Estimates {
    Var source, joints, augmented, poses;
};

/// The two feedback losses: `Error` measures the estimates pose by pose, `Loss` compares the bone-angle and the rotated
/// pose with their source.
template <class Error, class Loss, class T>
void compare(Objective& o, Tape<T>& tape, const Estimates& e, const typename Loss::Params& ba,
             const typename Loss::Params& rt) {
    const Var source = tape.template apply<Error>({e.source, e.joints});
    const Var errors = tape.template apply<Error>({e.augmented, e.poses});
    const auto [error_ba, error_rt] = halves(tape, errors);
    o.feedback_ba = tape.template apply<Loss>({error_ba, source}, ba);
    o.feedback_rt = tape.template apply<Loss>({error_rt, source}, rt);
}

template <class T>
void add_feedback(Objective& o, const ObjectiveScopes<T>& nets, Var joints, Var estimate_source, double progress,
                  const LossSettings& s) {
    Tape<T>& tape = nets.augmentor.tape();
    Estimates e;
    e.source = estimate_source;
    e.joints = joints;
    e.augmented =
        nets.estimator.forward(nets.estimator_augmented, tape.template apply<ConcatColumns>({o.image_ba, o.image_rt}));
    e.poses = tape.template apply<ConcatColumns>({o.pose.pose_ba, o.pose.pose_rt});
    const auto at = [&](double start, double end) { return start + (end - start) * progress; };
    const double hard_ba = at(s.hard_ba_start, s.hard_ba_end), hard_rt = at(s.hard_rt_start, s.hard_rt_end);
    if (s.feedback == FeedbackLoss::paper)
        compare<PoseLoss, ExponentialFeedback>(o, tape, e, {hard_ba, s.weight_ba}, {hard_rt, s.weight_rt});
    else
        compare<EstimatorError, Feedback>(o, tape, e, {hard_ba, s.hard_ba_std, s.weight_ba},
                                          {hard_rt, s.hard_rt_std, s.weight_rt});
}

} // namespace

template <class T>
Objective augmentor_objective(const ObjectiveScopes<T>& nets, Var joints, Var camera, const std::array<Var, 4>& noise,
                              int epoch, int epochs, const LossSettings& s) {
    Tape<T>& tape = nets.augmentor.tape();
    Objective o;
    const auto project = [&](Var pose) { return tape.template apply<Project>({pose, camera}); };
    o.image_source = project(joints);
    Var real_3d, real_2d, estimate_source;
    tape.stream().beside([&] { // of the source, which need not wait for the augmentor
        estimate_source = nets.estimator.forward(nets.estimator_source, o.image_source);
        real_3d = discriminate_3d(nets.discriminator_3d, joints);
        real_2d = discriminate_2d(nets.discriminator_2d, o.image_source);
    });
    o.pose = augment(nets.augmentor, joints, noise, s.ratio_limit);
    o.image_ba = project(o.pose.pose_ba);
    o.image_rt = project(o.pose.pose_rt);
    tape.stream().join(); // also because the estimator's statistics move by the source before they do by the augmented

    Var fake_3d, fake_2d;
    tape.stream().beside([&] {
        fake_3d = discriminate_3d(nets.discriminator_3d, o.pose.pose_ba);
        fake_2d = discriminate_2d(nets.discriminator_2d, o.image_rt);
    });
    o.angle = tape.template apply<PoseMeanOutsideRange>({o.pose.angle_diff}, {s.angle_mean, s.angle_range});
    o.length = tape.template apply<OutsideRange<kRatios>>({o.pose.ratio}, {0.0, s.ratio_range});
    add_feedback(o, nets, joints, estimate_source, static_cast<double>(epoch) / epochs, s);
    tape.stream().join();
    o.adversarial_3d = adversarial<5>(tape, fake_3d, real_3d);
    o.adversarial_2d = adversarial<1>(tape, fake_2d, real_2d);

    if (epoch > s.warmup)
        o.total = sum(tape, {o.adversarial_2d, o.adversarial_3d, o.angle, o.length, o.feedback_ba, o.feedback_rt},
                      {s.weight_2d, s.weight_3d, s.weight_difference, s.weight_difference, 1.0, 1.0});
    else
        o.total = sum(tape, {o.adversarial_2d, o.adversarial_3d, o.angle, o.length},
                      {s.weight_2d, s.weight_3d, s.weight_difference, s.weight_difference});
    return o;
}

template <class T> DiscriminatorLoss discriminator_3d_loss(Scope<T>& net, Var fake, Var real) {
    return discriminator_loss<5>(
        net.tape(), [&](Var joints) { return discriminate_3d(net, joints); }, fake, real);
}

template <class T> DiscriminatorLoss discriminator_2d_loss(Scope<T>& net, Var fake, Var real) {
    return discriminator_loss<1>(
        net.tape(), [&](Var image) { return discriminate_2d(net, image); }, fake, real);
}

template Objective augmentor_objective(const ObjectiveScopes<float>&, Var, Var, const std::array<Var, 4>&, int, int,
                                       const LossSettings&);
template Objective augmentor_objective(const ObjectiveScopes<double>&, Var, Var, const std::array<Var, 4>&, int, int,
                                       const LossSettings&);
template DiscriminatorLoss discriminator_3d_loss(Scope<float>&, Var, Var);
template DiscriminatorLoss discriminator_3d_loss(Scope<double>&, Var, Var);
template DiscriminatorLoss discriminator_2d_loss(Scope<float>&, Var, Var);
template DiscriminatorLoss discriminator_2d_loss(Scope<double>&, Var, Var);

} // namespace poseaug
