#pragma once
#include "kernels/column_op.hpp"
#include "kernels/elementary.hpp"
#include "kernels/pose/sampling.hpp"
#include "kernels/pose/unit_vector.hpp"
#include "kernels/pose/unroll.hpp"
#include "kernels/skeleton.hpp"

namespace poseaug {

/// Mean over poses, joints and axes of (estimate - hip-relative target)^2, in square metres.
struct MeanSquare {
    static constexpr std::string_view name = "mean_square";
    static constexpr std::string_view source = "pose estimator's loss; PoseAug section 3.4";
    static constexpr std::string_view summary = "The estimator's loss: the mean squared error of its coordinates.";
    static constexpr std::string_view formula =
        "loss = mean over poses and 48 coordinates of (estimate - (target - its hip))^2";
    static constexpr std::string_view fuses = "The hip-relative target, the difference, the square and the mean.";
    static constexpr std::string_view inputs[] = {"estimate", "target"}, outputs[] = {"loss"};
    using Params = NoParams;
    using In = Rows<48, 48>;
    using Out = Rows<1>;
    static constexpr unsigned differentiable = 0b01;
    static constexpr bool mean = true;

    template <class T>
    POSEAUG_HD static void value(Params, const T (&estimate)[48], const T (&target)[48], T (&loss)[1]) {
        T sum = lit<T>(0);
        for (int i = 0; i < 48; ++i) {
            const T error = estimate[i] - (target[i] - target[i % 3]);
            sum += error * error;
        }
        loss[0] = sum / lit<T>(48);
    }
    template <class T>
    POSEAUG_HD static void vjp(Params, const T (&estimate)[48], const T (&target)[48], const T (&d_loss)[1],
                               T (&d_estimate)[48], T (&)[48]) {
        const T scale = d_loss[0] * lit<T>(2.0 / 48);
        for (int i = 0; i < 48; ++i) d_estimate[i] = scale * (estimate[i] - (target[i] - target[i % 3]));
    }

    static std::vector<Sample> samples() {
        return {sample("poses", {}, {sampling::normal(48, 19, 0.4), sampling::poses(19)}),
                sample("no error", {}, {sampling::filled(48, 5, 0), sampling::filled(48, 5, 2)})};
    }
};

/// Mean over poses and N scores of (score - label)^2: the least-squares adversarial losses.
template <int N> struct LeastSquares {
    static_assert(N == 1 || N == 5);
    static constexpr std::string_view name = N == 1 ? "least_squares_1" : "least_squares_5";
    static constexpr std::string_view source = "least-squares adversarial loss; PoseAug section 3.3";
    static constexpr std::string_view summary = "The least-squares adversarial loss of a pose's scores.";
    static constexpr std::string_view formula = "loss = mean over poses and scores of (score - label)^2";
    static constexpr std::string_view fuses = "Difference, square and mean.";
    static constexpr std::string_view inputs[] = {"score"}, outputs[] = {"loss"};
    struct Params {
        double label = 0;
    };
    using In = Rows<N>;
    using Out = Rows<1>;
    static constexpr unsigned differentiable = 0b1;
    static constexpr bool mean = true;

    template <class T> POSEAUG_HD static void value(const Params& params, const T (&score)[N], T (&loss)[1]) {
        T sum = lit<T>(0);
        for (int i = 0; i < N; ++i) {
            const T error = score[i] - lit<T>(params.label);
            sum += error * error;
        }
        loss[0] = sum / lit<T>(N);
    }
    template <class T>
    POSEAUG_HD static void vjp(const Params& params, const T (&score)[N], const T (&d_loss)[1], T (&d_score)[N]) {
        const T scale = d_loss[0] * lit<T>(2.0 / N);
        for (int i = 0; i < N; ++i) d_score[i] = scale * (score[i] - lit<T>(params.label));
    }

    static std::vector<Sample> samples() {
        return {sample("fake", Attributes::of(Params{0}), {sampling::normal(N, 300)}),
                sample("real", Attributes::of(Params{1}), {sampling::normal(N, 19)})};
    }
};

/// A band around a target within which nothing is paid.
struct Band {
    double target = 0, std = 0;
};

/// (a - target)^2 outside the band, zero within it and at its edge.
template <class T> POSEAUG_HD T outside_range(const T& a, const Band& band) {
    const T d = a - lit<T>(band.target);
    return select(d * d <= lit<T>(band.std * band.std), lit<T>(0), d * d); // so that a NaN stays one
}

template <class T> POSEAUG_HD T outside_range_slope(const T& a, const Band& band) {
    const T d = a - lit<T>(band.target);
    return select(d * d <= lit<T>(band.std * band.std), lit<T>(0), lit<T>(2) * d);
}

/// Penalty on the mean angle change of each pose, averaged over poses.
struct PoseMeanOutsideRange {
    static constexpr std::string_view name = "pose_mean_outside_range";
    static constexpr std::string_view source = "regularisation of the bone angles; PoseAug section 3.2";
    static constexpr std::string_view summary =
        "Penalty on the mean angle change of each pose, where it leaves a band.";
    static constexpr std::string_view formula = "a = mean over the bones of angle_diff\n"
                                                "loss = mean over poses of p(a)\n"
                                                "p(a) = (a - target)^2 where |a - target| > std, else 0";
    static constexpr std::string_view fuses =
        "The mean over bones, the test of the band, the square and the mean over poses.";
    static constexpr std::string_view inputs[] = {"angle_diff"}, outputs[] = {"loss"};
    using Params = Band;
    using In = Rows<15>;
    using Out = Rows<1>;
    static constexpr unsigned differentiable = 0b1;
    static constexpr bool mean = true;

    template <class T> POSEAUG_HD static void value(const Params& band, const T (&angle_diff)[15], T (&loss)[1]) {
        loss[0] = outside_range(mean_of(angle_diff), band);
    }
    template <class T>
    POSEAUG_HD static void vjp(const Params& band, const T (&angle_diff)[15], const T (&d_loss)[1],
                               T (&d_angle_diff)[15]) {
        const T d = d_loss[0] * outside_range_slope(mean_of(angle_diff), band) / lit<T>(kBones);
        for (int b = 0; b < kBones; ++b) d_angle_diff[b] = d;
    }

    static std::vector<Sample> samples() {
        const Attributes band = Attributes::of(Band{0.205, 0.165});
        return {sample("in and out of the band", band, {sampling::normal(15, 19, 0.8, 0.3)}),
                sample("inside", band, {sampling::filled(15, 5, 0.2)}),
                sample("beyond", band, {sampling::filled(15, 5, 0.9)}),
                kink("at the band's edge: nothing is paid and the gradient is zero", Attributes::of(Band{0.25, 0.25}),
                     {sampling::filled(15, 5, 0.5)})};
    }

private:
    template <class T> POSEAUG_HD static T mean_of(const T (&angle_diff)[15]) {
        T sum = lit<T>(0);
        for (int b = 0; b < kBones; ++b) sum += angle_diff[b];
        return sum / lit<T>(kBones);
    }
};

/// Penalty on each of N values, averaged over values and poses.
template <int N> struct OutsideRange {
    static_assert(N == kRatios);
    static constexpr std::string_view name = "outside_range_9";
    static constexpr std::string_view source = "regularisation of the bone-length ratios; PoseAug section 3.2";
    static constexpr std::string_view summary = "Penalty on values that leave a band.";
    static constexpr std::string_view formula = "loss = mean over poses and values of p(a)\n"
                                                "p(a) = (a - target)^2 where |a - target| > std, else 0";
    static constexpr std::string_view fuses = "The test of the band, the square and the mean.";
    static constexpr std::string_view inputs[] = {"a"}, outputs[] = {"loss"};
    using Params = Band;
    using In = Rows<N>;
    using Out = Rows<1>;
    static constexpr unsigned differentiable = 0b1;
    static constexpr bool mean = true;

    template <class T> POSEAUG_HD static void value(const Params& band, const T (&a)[N], T (&loss)[1]) {
        T sum = lit<T>(0);
        for (int i = 0; i < N; ++i) sum += outside_range(a[i], band);
        loss[0] = sum / lit<T>(N);
    }
    template <class T>
    POSEAUG_HD static void vjp(const Params& band, const T (&a)[N], const T (&d_loss)[1], T (&d_a)[N]) {
        for (int i = 0; i < N; ++i) d_a[i] = d_loss[0] * outside_range_slope(a[i], band) / lit<T>(N);
    }

    static std::vector<Sample> samples() {
        return {sample("in and out of the band", Attributes::of(Band{0, 0.1}), {sampling::normal(N, 19, 0.15)}),
                sample("inside", Attributes::of(Band{0, 0.1}), {sampling::filled(N, 5, 0)}),
                kink("at the band's edge: nothing is paid and the gradient is zero", Attributes::of(Band{0, 0.25}),
                     {sampling::filled(N, 5, 0.25)})};
    }
};

inline constexpr int kJointGroups = 3;
/// Proximal 0, middle 1, distal 2; -1 for joints that the feedback leaves out.
POSEAUG_HD constexpr int joint_group(int joint) {
    constexpr int group[kJoints] = {-1, 0, 1, 2, 0, 1, 2, -1, -1, 1, 0, 1, 2, 0, 1, 2};
    return group[joint];
}
POSEAUG_HD constexpr int joint_group_size(int group) { return group == 1 ? 5 : 4; }
POSEAUG_HD constexpr int joint_weight(int joint) {
    constexpr int weight[kJoints] = {1, 5, 2, 1, 5, 2, 1, 1, 1, 1, 5, 2, 1, 5, 2, 1};
    return weight[joint];
}

/// Weighted joint errors (metres) of each pose, averaged over proximal, middle and distal joints. The gradient flows to
/// the estimate and to the target, through which the augmentor learns; at zero error it is zero.
struct EstimatorError {
    static constexpr std::string_view name = "estimator_error";
    static constexpr std::string_view source = "feedback from the estimator; PoseAug section 3.4";
    static constexpr std::string_view summary =
        "Weighted joint errors of each pose, over proximal, middle and distal joints.";
    static constexpr std::string_view formula =
        "e[j] = |estimate[j] - (target[j] - target[hip])|\n"
        "error[g] = 1 / n[g] * sum over the joints j of group g of w[j] e[j];  n = 4, 5, 4\n"
        "w = 5 for proximal joints, 2 for middle ones (the head, which is among them: 1), 1 for distal ones";
    static constexpr std::string_view fuses =
        "The hip-relative target, the difference, thirteen norms, their weights and three sums.";
    static constexpr std::string_view inputs[] = {"estimate", "target"}, outputs[] = {"error"};
    using Params = NoParams;
    using In = Rows<48, 48>;
    using Out = Rows<3>;
    static constexpr unsigned differentiable = 0b11;
    static constexpr bool mean = false;

    template <class T>
    POSEAUG_HD static void value(Params, const T (&estimate)[48], const T (&target)[48], T (&error)[3]) {
        for (int g = 0; g < kJointGroups; ++g) error[g] = lit<T>(0);
        unroll<kJoints>([&](auto j) {
            constexpr int group = joint_group(j);
            if constexpr (group >= 0) error[group] += lit<T>(share(j)) * miss(estimate, target, j).length;
        });
    }
    template <class T>
    POSEAUG_HD static void vjp(Params, const T (&estimate)[48], const T (&target)[48], const T (&d_error)[3],
                               T (&d_estimate)[48], T (&d_target)[48]) {
        for (int i = 0; i < 48; ++i) d_estimate[i] = d_target[i] = lit<T>(0);
        unroll<kJoints>([&](auto j) {
            constexpr int group = joint_group(j);
            if constexpr (group >= 0) {
                const auto m = miss(estimate, target, j);
                for (int k = 0; k < 3; ++k) {
                    const T d = d_error[group] * lit<T>(share(j)) * m.unit[k];
                    d_estimate[3 * j + k] = d;
                    d_target[3 * j + k] = -d;
                    d_target[k] += d;
                }
            }
        });
    }

    static std::vector<Sample> samples() {
        return {sample("poses", {}, {sampling::normal(48, 19, 0.4), sampling::poses(19)}),
                kink("a joint without error: its gradient is zero", {},
                     {sampling::filled(48, 5, 0), sampling::filled(48, 5, 2)})};
    }

private:
    POSEAUG_HD static constexpr double share(int joint) {
        return static_cast<double>(joint_weight(joint)) / joint_group_size(joint_group(joint));
    }
    template <class T> POSEAUG_HD static UnitVector<T> miss(const T (&estimate)[48], const T (&target)[48], int joint) {
        T v[3];
        for (int k = 0; k < 3; ++k) v[k] = estimate[3 * joint + k] - (target[3 * joint + k] - target[k]);
        return unit_vector(v);
    }
};

/// How much harder the augmented pose is for the estimator than its source, as the ratio of their errors; outside the
/// band it is paid for, times `factor`. A source error below a nanometre has no meaningful ratio and takes no part.
struct Feedback {
    static constexpr std::string_view name = "feedback";
    static constexpr std::string_view source = "feedback from the estimator, hardness ratio; PoseAug section 3.4";
    static constexpr std::string_view summary =
        "Pays for augmented poses that are too easy or too hard for the estimator, by the ratio of errors.";
    static constexpr std::string_view formula = "r[g] = harder[g] / easier[g]\n"
                                                "loss = factor / 3 * mean over poses of sum over g of p(r[g])\n"
                                                "p(r) = (r - target)^2 where |r - target| > std, else 0";
    static constexpr std::string_view fuses = "The ratio and its guard, the test of the band, the square and the mean.";
    static constexpr std::string_view inputs[] = {"harder", "easier"}, outputs[] = {"loss"};
    struct Params {
        double target = 0, std = 0, factor = 1;
        POSEAUG_HD Band band() const { return {target, std}; }
    };
    using In = Rows<3, 3>;
    using Out = Rows<1>;
    static constexpr unsigned differentiable = 0b11;
    static constexpr bool mean = true;

    template <class T>
    POSEAUG_HD static void value(const Params& params, const T (&harder)[3], const T (&easier)[3], T (&loss)[1]) {
        T sum = lit<T>(0);
        for (int g = 0; g < kJointGroups; ++g) {
            const auto exact = easier[g] < lit<T>(kSmallestError);
            const T ratio = harder[g] / select(exact, lit<T>(1), easier[g]);
            sum += select(exact, lit<T>(0), outside_range(ratio, params.band()));
        }
        loss[0] = sum * lit<T>(params.factor / kJointGroups);
    }
    template <class T>
    POSEAUG_HD static void vjp(const Params& params, const T (&harder)[3], const T (&easier)[3], const T (&d_loss)[1],
                               T (&d_harder)[3], T (&d_easier)[3]) {
        const T scale = d_loss[0] * lit<T>(params.factor / kJointGroups);
        for (int g = 0; g < kJointGroups; ++g) {
            const auto exact = easier[g] < lit<T>(kSmallestError);
            const T divisor = select(exact, lit<T>(1), easier[g]);
            const T ratio = harder[g] / divisor;
            const T d_ratio = select(exact, lit<T>(0), scale * outside_range_slope(ratio, params.band()));
            d_harder[g] = d_ratio / divisor;
            d_easier[g] = -d_ratio * ratio / divisor;
        }
    }

    static std::vector<Sample> samples() {
        const Attributes band = Attributes::of(Params{3, 2, 0.1});
        return {sample("errors", band, {sampling::normal(3, 19, 0.05, 0.3), sampling::normal(3, 19, 0.01, 0.06)}),
                sample("inside", band, {sampling::filled(3, 5, 0.3), sampling::filled(3, 5, 0.1)}),
                kink("a source error below a nanometre: it has no ratio and takes no part, without gradient", band,
                     {sampling::filled(3, 5, 0.3), sampling::filled(3, 5, 0)}),
                kink("no error of either pose: it takes no part, without gradient", band,
                     {sampling::filled(3, 5, 0), sampling::filled(3, 5, 0)}),
                kink("at the band's edge: nothing is paid and the gradient is zero", band,
                     {sampling::filled(3, 5, 0.5), sampling::filled(3, 5, 0.1)})};
    }

private:
    static constexpr double kSmallestError = 1e-9;
};

/// The estimator's own loss of each pose: the squared distances of its joints, seen from the hip, summed (square metres).
/// The gradient flows to the estimate and to the target, through which the augmentor learns.
struct PoseLoss {
    static constexpr std::string_view name = "pose_loss";
    static constexpr std::string_view source = "pose estimator's loss of one pose; PoseAug equation 1";
    static constexpr std::string_view summary =
        "The estimator's own loss of each pose: the squared distances of its joints, summed.";
    static constexpr std::string_view formula = "loss = sum over 48 coordinates of (estimate - (target - its hip))^2";
    static constexpr std::string_view fuses = "The hip-relative target, the difference, the square and the sum.";
    static constexpr std::string_view inputs[] = {"estimate", "target"}, outputs[] = {"loss"};
    using Params = NoParams;
    using In = Rows<48, 48>;
    using Out = Rows<1>;
    static constexpr unsigned differentiable = 0b11;
    static constexpr bool mean = false;

    template <class T>
    POSEAUG_HD static void value(Params, const T (&estimate)[48], const T (&target)[48], T (&loss)[1]) {
        loss[0] = lit<T>(0);
        for (int i = 0; i < 48; ++i) {
            const T error = estimate[i] - (target[i] - target[i % 3]);
            loss[0] += error * error;
        }
    }
    template <class T>
    POSEAUG_HD static void vjp(Params, const T (&estimate)[48], const T (&target)[48], const T (&d_loss)[1],
                               T (&d_estimate)[48], T (&d_target)[48]) {
        const T scale = lit<T>(2) * d_loss[0];
        for (int i = 0; i < 48; ++i) d_target[i] = lit<T>(0);
        for (int i = 0; i < 48; ++i) {
            const T d = scale * (estimate[i] - (target[i] - target[i % 3]));
            d_estimate[i] = d;
            d_target[i] -= d;
            d_target[i % 3] += d;
        }
    }

    static std::vector<Sample> samples() {
        return {sample("poses", {}, {sampling::normal(48, 19, 0.4), sampling::poses(19)}),
                sample("no error", {}, {sampling::filled(48, 5, 0), sampling::filled(48, 5, 0)})};
    }
};

/// The paper's feedback |1 - exp(harder - beta easier)| times `factor`, averaged over poses: the augmented pose's loss is
/// drawn to beta times its source's. At its kink, where the two are equal, the gradient is zero. Beyond an exponent of
/// 20 the exponential goes on as its tangent, so that a hopeless pose has a finite loss and gradient.
struct ExponentialFeedback {
    static constexpr std::string_view name = "exponential_feedback";
    static constexpr std::string_view source = "feedback from the estimator; PoseAug equation 9";
    static constexpr std::string_view summary =
        "The paper's feedback: draws the augmented pose's loss to beta times its source's.";
    static constexpr std::string_view formula = "loss = factor * mean over poses of |1 - exp(harder - beta * easier)|\n"
                                                "beyond an exponent of 20 the exponential goes on as its tangent";
    static constexpr std::string_view fuses = "Difference, exponential, absolute value and mean.";
    static constexpr std::string_view inputs[] = {"harder", "easier"}, outputs[] = {"loss"};
    struct Params {
        double beta = 1, factor = 1;
    };
    using In = Rows<1, 1>;
    using Out = Rows<1>;
    static constexpr unsigned differentiable = 0b11;
    static constexpr bool mean = true;

    template <class T>
    POSEAUG_HD static void value(const Params& params, const T (&harder)[1], const T (&easier)[1], T (&loss)[1]) {
        const auto e = exponential(harder[0] - lit<T>(params.beta) * easier[0]);
        const T d = e.value - lit<T>(1);
        loss[0] = lit<T>(params.factor) * select(d < lit<T>(0), -d, d);
    }
    template <class T>
    POSEAUG_HD static void vjp(const Params& params, const T (&harder)[1], const T (&easier)[1], const T (&d_loss)[1],
                               T (&d_harder)[1], T (&d_easier)[1]) {
        const T zero = lit<T>(0), exponent = harder[0] - lit<T>(params.beta) * easier[0];
        const T slope = exponential(exponent).slope;
        const T below = select(exponent < zero, -slope, zero);
        d_harder[0] = lit<T>(params.factor) * d_loss[0] * select(exponent > zero, slope, below);
        d_easier[0] = -lit<T>(params.beta) * d_harder[0];
    }

    static std::vector<Sample> samples() {
        const Attributes weak = Attributes::of(Params{3, 0.1});
        return {sample("losses", weak, {sampling::normal(1, 300, 0.3, 0.6), sampling::normal(1, 300, 0.1, 0.2)}),
                sample("an easier pose", weak, {sampling::filled(1, 5, 0.1), sampling::filled(1, 5, 2)}),
                sample("beyond the exponential's end", Attributes::of(Params{5, 1}),
                       {sampling::normal(1, 19, 1, 200), sampling::filled(1, 19, 0.5)}),
                kink("as hard as wanted, the kink of the absolute value: the gradient is zero", weak,
                     {sampling::filled(1, 5, 0.75), sampling::filled(1, 5, 0.25)}),
                kink("an exponent of 20, where the tangent takes over: both sides have the same slope",
                     Attributes::of(Params{4, 1}), {sampling::filled(1, 5, 21), sampling::filled(1, 5, 0.25)})};
    }

private:
    static constexpr double kEnd = 20;

    template <class T> struct Exponential { T value, slope; };
    template <class T> POSEAUG_HD static Exponential<T> exponential(const T& exponent) {
        const T end = lit<T>(kEnd), beyond = exponent - end;
        const T slope = exp_of(select(exponent > end, end, exponent));
        return {slope * select(exponent > end, lit<T>(1) + beyond, lit<T>(1)), slope};
    }
};

} // namespace poseaug
