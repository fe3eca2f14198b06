#pragma once
#include "kernels/column_op.hpp"
#include "kernels/elementary.hpp"
#include "kernels/pose/losses.hpp"
#include "kernels/pose/sampling.hpp"
#include "kernels/pose/unit_vector.hpp"
#include "kernels/pose/unroll.hpp"
#include "kernels/skeleton.hpp"

#include <algorithm>
#include <utility>

namespace poseaug {

// The estimator's feedback to the augmentor: how much harder the augmented poses are for it than their sources. The
// public program and the paper measure that differently, each by an error of a pose and by a price of two errors.

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

/// Weighted joint errors (metres) of a pose (48 coordinates each), averaged over proximal, middle and distal joints:
/// e[j] = |estimate[j] - (target[j] - target[hip])|. The gradient flows to the estimate and to the target, through which
/// the augmentor learns; at zero error it is zero.
struct JointGroupErrors {
    static constexpr int count = kJointGroups;

    template <class Estimate, class Target, class T>
    POSEAUG_HD static void value(const Estimate& estimate, const Target& target, T (&error)[count]) {
        for (int g = 0; g < count; ++g) error[g] = lit<T>(0);
        unroll<kJoints>([&](auto j) {
            constexpr int group = joint_group(j);
            if constexpr (group >= 0) error[group] += lit<T>(share(j)) * miss<T>(estimate, target, j).length;
        });
    }
    template <class Estimate, class Target, class T>
    POSEAUG_HD static void vjp(const Estimate& estimate, const Target& target, const T (&d_error)[count], T* d_estimate,
                               T* d_target) {
        for (int i = 0; i < 48; ++i) d_estimate[i] = d_target[i] = lit<T>(0);
        unroll<kJoints>([&](auto j) {
            constexpr int group = joint_group(j);
            if constexpr (group >= 0) {
                const auto m = miss<T>(estimate, target, j);
                for (int k = 0; k < 3; ++k) {
                    const T d = d_error[group] * lit<T>(share(j)) * m.unit[k];
                    d_estimate[3 * j + k] = d;
                    d_target[3 * j + k] = -d;
                    d_target[k] += d;
                }
            }
        });
    }

private:
    POSEAUG_HD static constexpr double share(int joint) {
        return static_cast<double>(joint_weight(joint)) / joint_group_size(joint_group(joint));
    }
    template <class T, class Estimate, class Target>
    POSEAUG_HD static UnitVector<T> miss(const Estimate& estimate, const Target& target, int joint) {
        T v[3];
        for (int k = 0; k < 3; ++k) v[k] = estimate[3 * joint + k] - (target[3 * joint + k] - target[k]);
        return unit_vector(v);
    }
};

/// The price of an augmented pose's joint errors given its source's: their ratios, outside a band about the hardness
/// that is wanted. A source error below a nanometre has no meaningful ratio and takes no part.
struct HardnessRatio {
    static constexpr int count = kJointGroups;
    struct Params {
        double std = 0; ///< half the band's width
        double factor = 1;
    };

    template <class T>
    POSEAUG_HD static T value(const Params& p, const T& hardness, const T (&harder)[count], const T (&easier)[count]) {
        T sum = lit<T>(0);
        for (int g = 0; g < count; ++g) {
            const auto exact = easier[g] < lit<T>(kSmallestError);
            const T ratio = harder[g] / select(exact, lit<T>(1), easier[g]);
            sum += select(exact, lit<T>(0), outside_range(ratio, hardness, p.std));
        }
        return sum * lit<T>(p.factor / count);
    }
    template <class T>
    POSEAUG_HD static void vjp(const Params& p, const T& hardness, const T (&harder)[count], const T (&easier)[count],
                               const T& d_price, T (&d_harder)[count]) {
        const T scale = d_price * lit<T>(p.factor / count);
        for (int g = 0; g < count; ++g) {
            const auto exact = easier[g] < lit<T>(kSmallestError);
            const T divisor = select(exact, lit<T>(1), easier[g]);
            const T slope = outside_range_slope(harder[g] / divisor, hardness, p.std);
            d_harder[g] = select(exact, lit<T>(0), scale * slope) / divisor;
        }
    }

private:
    static constexpr double kSmallestError = 1e-9;
};

/// The estimator's own loss of a pose: the squared distances of its joints, seen from the hip, summed (square metres).
/// The gradient flows to the estimate and to the target, through which the augmentor learns.
struct PoseLoss {
    static constexpr int count = 1;

    template <class Estimate, class Target, class T>
    POSEAUG_HD static void value(const Estimate& estimate, const Target& target, T (&loss)[count]) {
        loss[0] = lit<T>(0);
        for (int i = 0; i < 48; ++i) {
            const T error = estimate[i] - (target[i] - target[i % 3]);
            loss[0] += error * error;
        }
    }
    template <class Estimate, class Target, class T>
    POSEAUG_HD static void vjp(const Estimate& estimate, const Target& target, const T (&d_loss)[count], T* d_estimate,
                               T* d_target) {
        const T scale = lit<T>(2) * d_loss[0];
        for (int i = 0; i < 48; ++i) d_target[i] = lit<T>(0);
        for (int i = 0; i < 48; ++i) {
            const T d = scale * (estimate[i] - (target[i] - target[i % 3]));
            d_estimate[i] = d;
            d_target[i] -= d;
            d_target[i % 3] += d;
        }
    }
};

/// The paper's price |1 - exp(harder - hardness * easier)| times `factor`: the augmented pose's loss is drawn to
/// hardness (beta) times its source's. At its kink, where the two are equal, the gradient is zero. Beyond an exponent of
/// 20 the exponential goes on as its tangent, so that a hopeless pose has a finite price and gradient.
struct ExponentialGap {
    static constexpr int count = 1;
    struct Params {
        double factor = 1;
    };

    template <class T>
    POSEAUG_HD static T value(const Params& p, const T& hardness, const T (&harder)[count], const T (&easier)[count]) {
        const T d = exponential(harder[0] - hardness * easier[0]).value - lit<T>(1);
        return lit<T>(p.factor) * select(d < lit<T>(0), -d, d);
    }
    template <class T>
    POSEAUG_HD static void vjp(const Params& p, const T& hardness, const T (&harder)[count], const T (&easier)[count],
                               const T& d_price, T (&d_harder)[count]) {
        const T zero = lit<T>(0), exponent = harder[0] - hardness * easier[0];
        const T slope = exponential(exponent).slope;
        const T below = select(exponent < zero, -slope, zero);
        d_harder[0] = lit<T>(p.factor) * d_price * select(exponent > zero, slope, below);
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

/// The feedback for the bone-angle and for the rotated poses, which the estimator judged side by side, against their
/// sources. The source's error is a constant: nothing that it depends on learns from the feedback.
template <class Error, class Price> struct FeedbackOf {
    static constexpr std::string_view inputs[] = {"estimate of source",  "source",           "estimates of ba and rt",
                                                  "bone-angle pose, ba", "rotated pose, rt", "hardness of ba and rt"};
    static constexpr std::string_view outputs[] = {"loss"};
    struct Params {
        typename Price::Params ba, rt;
    };
    using In = Rows<48, 48, 2 * 48, 48, 48, 2>;
    using Out = Rows<2>;
    static constexpr unsigned differentiable = 0b011100, side_by_side = 0b000100, common = 0b100000;
    static constexpr bool mean = true;
    static double weight(const Params&, int) { return 1; }

    static constexpr bool streamed = true;
    template <class Estimate, class Source, class Estimates, class Angled, class Rotated, class Hardness, class T>
    POSEAUG_HD static void value(const Params& params, const Estimate& estimate, const Source& source,
                                 const Estimates& estimates, const Angled& ba, const Rotated& rt,
                                 const Hardness& hardness, T (&loss)[2]) {
        T easier[Error::count], harder[Error::count];
        Error::value(estimate, source, easier);
        Error::value(estimates, ba, harder);
        loss[0] = Price::value(params.ba, T(hardness[0]), harder, easier);
        Error::value(right(estimates), rt, harder);
        loss[1] = Price::value(params.rt, T(hardness[1]), harder, easier);
    }
    template <class Estimate, class Source, class Estimates, class Angled, class Rotated, class Hardness, class T>
    POSEAUG_HD static void vjp(const Params& params, const Estimate& estimate, const Source& source,
                               const Estimates& estimates, const Angled& ba, const Rotated& rt,
                               const Hardness& hardness, const T (&d_loss)[2], T (&)[48], T (&)[48],
                               T (&d_estimates)[96], T (&d_ba)[48], T (&d_rt)[48], T (&)[2]) {
        T easier[Error::count];
        Error::value(estimate, source, easier);
        pull(params.ba, T(hardness[0]), easier, estimates, ba, d_loss[0], d_estimates, d_ba);
        pull(params.rt, T(hardness[1]), easier, right(estimates), rt, d_loss[1], d_estimates + 48, d_rt);
    }

private:
    /// The estimate of the right of two poses side by side.
    template <class Estimates> struct Right {
        const Estimates& both;
        POSEAUG_HD auto operator[](int r) const { return both[48 + r]; }
    };
    template <class Estimates> POSEAUG_HD static Right<Estimates> right(const Estimates& both) { return {both}; }

    template <class Estimate, class Target, class T>
    POSEAUG_HD static void pull(const typename Price::Params& params, const T& hardness,
                                const T (&easier)[Error::count], const Estimate& estimate, const Target& target,
                                const T& d_loss, T* d_estimate, T* d_target) {
        T harder[Error::count], d_harder[Error::count];
        Error::value(estimate, target, harder);
        Price::vjp(params, hardness, harder, easier, d_loss, d_harder);
        Error::vjp(estimate, target, d_harder, d_estimate, d_target);
    }
};

namespace sampling {

/// The same error of every pose: estimates (48, cols) that miss a pose on its hip by (x, y, z) at the right knee alone.
inline Sample::Matrix missing_one_joint(int cols, double x, double y, double z) {
    Sample::Matrix m = filled(48, cols, 0);
    const double by[3] = {x, y, z};
    for (int k = 0; k < 3; ++k) std::fill_n(m.values.begin() + std::ptrdiff_t{3 * 2 + k} * cols, cols, by[k]);
    return m;
}

/// Inputs of a feedback whose poses lie on their hips: its estimates are the errors.
inline std::vector<Sample::Matrix> feedback(Sample::Matrix easier, Sample::Matrix harder, double hardness) {
    const int cols = easier.cols;
    return {std::move(easier),   filled(48, cols, 2), std::move(harder),
            filled(48, cols, 3), filled(48, cols, 4), filled(2, 1, hardness)};
}

} // namespace sampling

/// The public program's feedback.
struct Feedback : FeedbackOf<JointGroupErrors, HardnessRatio> {
    static constexpr std::string_view name = "feedback";
    static constexpr std::string_view source = "feedback from the estimator, hardness ratio; PoseAug section 3.4";
    static constexpr std::string_view summary =
        "Pays for augmented poses that are too easy or too hard for the estimator, by the ratio of errors.";
    static constexpr std::string_view formula =
        "e[j] = |estimate[j] - (target[j] - target[hip])|\n"
        "error[g] = 1 / n[g] * sum over the joints j of group g of w[j] e[j]: proximal, middle, distal;  n = 4, 5, 4\n"
        "w = 5 for proximal joints, 2 for middle ones (the head, which is among them: 1), 1 for distal ones\n"
        "r[g] = error[g] of the augmented pose / error[g] of its source\n"
        "loss = factor / 3 * mean over poses of sum over g of p(r[g]), for ba and for rt\n"
        "p(r) = (r - hardness)^2 where |r - hardness| > std, else 0";
    static constexpr std::string_view fuses = "Two poses side by side, hip-relative targets, 39 norms and their "
                                              "weighted sums, ratios and their guard, the test "
                                              "of the bands, squares, means, and the gradients to estimates and poses.";

    static std::vector<Sample> samples() {
        using namespace sampling;
        const auto bands = [](double std) { return Attributes::of(Params{{std, 0.1}, {std / 2, 0.3}}); };
        return {sample("poses", bands(0.5),
                       {normal(48, 19, 0.4), poses(19), normal(48, 38, 0.9), poses(19), poses(19), filled(2, 1, 1.5)}),
                sample("inside", bands(1e3),
                       {normal(48, 5, 0.4), poses(5), normal(48, 10, 0.9), poses(5), poses(5), filled(2, 1, 3)}),
                kink("a source error below a nanometre: it has no ratio and takes no part, without gradient", bands(1),
                     feedback(filled(48, 5, 0), normal(48, 10), 3)),
                kink("no error of either pose: it takes no part, without gradient", bands(1),
                     feedback(filled(48, 5, 0), filled(48, 10, 0), 3)),
                kink("joints without error: their gradient is zero", bands(1),
                     feedback(normal(48, 5), missing_one_joint(10, 1, 0, 0), 3)),
                kink("at the band's edge: nothing is paid and the gradient is zero", bands(0.25),
                     feedback(filled(48, 5, 0.5), filled(48, 10, 0.5), 0.75))};
    }
};

/// The paper's feedback.
struct ExponentialFeedback : FeedbackOf<PoseLoss, ExponentialGap> {
    static constexpr std::string_view name = "exponential_feedback";
    static constexpr std::string_view source = "feedback from the estimator; PoseAug equations 1 and 9";
    static constexpr std::string_view summary =
        "The paper's feedback: draws the augmented pose's loss to a multiple of its source's.";
    static constexpr std::string_view formula = "error = sum over 48 coordinates of (estimate - (target - its hip))^2\n"
                                                "loss = factor * mean over poses of |1 - exp(error of the augmented "
                                                "pose - hardness * error of its source)|, for "
                                                "ba and for rt\n"
                                                "beyond an exponent of 20 the exponential goes on as its tangent";
    static constexpr std::string_view fuses =
        "Two poses side by side, hip-relative targets, differences, squares and sums, the exponential, the absolute "
        "value, means, and the gradients to estimates and poses.";

    static std::vector<Sample> samples() {
        using namespace sampling;
        const auto factors = [](double ba, double rt) { return Attributes::of(Params{{ba}, {rt}}); };
        return {sample("poses", factors(0.1, 0.01), feedback(normal(48, 19, 0.1), normal(48, 38, 0.2), 3)),
                sample("an easier pose", factors(1, 1), feedback(normal(48, 5, 0.2), filled(48, 10, 0.05), 5)),
                sample("beyond the exponential's end", factors(1, 1),
                       feedback(filled(48, 19, 0.1), normal(48, 38, 0.2, 1), 5)),
                kink("as hard as wanted, the kink of the absolute value: the gradient is zero", factors(1, 1),
                     feedback(filled(48, 5, 0.5), filled(48, 10, 0.5), 1)),
                kink("an exponent of 20, where the tangent takes over: both sides have the same slope", factors(1, 1),
                     feedback(missing_one_joint(5, 0.5, 0, 0), missing_one_joint(10, 4, 2, 1), 4))};
    }
};

} // namespace poseaug
