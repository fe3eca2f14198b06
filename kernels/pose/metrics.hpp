#pragma once
#include "kernels/column_op.hpp"
#include "kernels/pose/procrustes.hpp"
#include "kernels/pose/sampling.hpp"

namespace poseaug {

inline constexpr double kMillimetres = 1000; ///< in a metre
inline constexpr double kPckThreshold = 150; ///< mm
inline constexpr int kAucThresholds = 31;    ///< 0, 5, ..., 150 mm

/// The errors of an estimate (metres), pose by pose and as they stand: the caller makes both hip-relative. Out: each
/// joint's error, the same after the best similarity, their mean after the best scaling (all mm), and percentages:
/// joints nearer than 150 mm, and the same averaged over the thresholds 0, 5, ..., 150 mm.
struct PoseErrors {
    static constexpr std::string_view name = "pose_errors";
    static constexpr std::string_view source = "MPJPE, PA-MPJPE, N-MPJPE, PCK and AUC; PoseAug section 4.1";
    static constexpr std::string_view summary = "The errors that are reported of an estimate, pose by pose.";
    static constexpr std::string_view formula =
        "joint_error[j] = 1000 |e[j] - t[j]|\n"
        "pa[j] = 1000 |s R (e[j] - mean e) + mean t - t[j]|,  s, R: the best similarity without reflection\n"
        "n_mpjpe = 1000 * mean over j of |c e[j] - t[j]|,  c = (e . t) / (e . e)\n"
        "pck = percentage of joint_error < 150,  auc = the mean of pck over the thresholds 0, 5, ..., 150";
    static constexpr std::string_view fuses = "Two centroids, the 3 x 3 moment, six Jacobi sweeps for the rotation, "
                                              "and the five measures; nothing but they is written.";
    static constexpr std::string_view inputs[] = {"estimate", "truth"},
                                      outputs[] = {"joint_error", "pa", "n_mpjpe", "pck", "auc"};
    using Params = NoParams;
    using In = Rows<48, 48>;
    using Out = Rows<16, 16, 1, 1, 1>;
    static constexpr unsigned differentiable = 0;
    static constexpr bool mean = false;

    /// What the errors need of both poses as a whole.
    template <class T> struct Between {
        Similarity<T> fit;
        T scale; ///< the best without rotation
    };
    static constexpr int stages = 3;

    template <class T>
    POSEAUG_HD static void value(Params p, const T (&estimate)[48], const T (&truth)[48], T (&joint_error)[16],
                                 T (&pa)[16], T (&n_mpjpe)[1], T (&pck)[1], T (&auc)[1]) {
        Between<T> between;
        unroll<stages>([&](auto s) { stage<s>(p, estimate, truth, between, joint_error, pa, n_mpjpe, pck, auc); });
    }

    template <int Stage, class T>
    POSEAUG_HD static void stage(Params, const T (&estimate)[48], const T (&truth)[48], Between<T>& between,
                                 T (&joint_error)[16], T (&pa)[16], T (&n_mpjpe)[1], T (&pck)[1], T (&auc)[1]) {
        if constexpr (Stage == 0) {
            centroid(estimate, between.fit.from);
            centroid(truth, between.fit.to);
            between.scale = best_scale(estimate, truth);
        } else if constexpr (Stage == 1) {
            fit_about_centroids(estimate, truth, between.fit);
        } else {
            const T zero = lit<T>(0), one = lit<T>(1);
            n_mpjpe[0] = pck[0] = auc[0] = zero;
            unroll<kJoints>([&](auto j) {
                const T* const e = &estimate[3 * j];
                const T* const t = &truth[3 * j];
                joint_error[j] = distance(e, t);
                T moved[3];
                between.fit.apply(e, moved);
                pa[j] = distance(moved, t);
                const T scaled[3] = {between.scale * e[0], between.scale * e[1], between.scale * e[2]};
                n_mpjpe[0] += distance(scaled, t) / lit<T>(kJoints);
                pck[0] += select(joint_error[j] < lit<T>(kPckThreshold), one, zero);
                for (int i = 0; i < kAucThresholds; ++i)
                    auc[0] += select(joint_error[j] < lit<T>(kPckThreshold * i / (kAucThresholds - 1)), one, zero);
            });
            pck[0] *= lit<T>(100.0 / kJoints);
            auc[0] *= lit<T>(100.0 / kJoints / kAucThresholds);
        }
    }

    static std::vector<Sample> samples() {
        const auto pose = sampling::poses(9);
        return {
            sample("poses", {}, {sampling::poses(19), sampling::poses(19)}),
            sample("near the truth", {}, {sampling::perturbed(pose, 0.05), pose}),
            kink("a mirrored estimate: the best rotation, never a reflection", {}, {sampling::mirrored(pose), pose}),
            kink("an estimate that is the truth: every error is zero (but for rounding)", {}, {pose, pose}),
            kink("an estimate in one place: alignment brings it onto the centroid of the truth", {},
                 {sampling::filled(48, 9, 0.5), pose}),
            kink("a truth in one place: alignment shrinks the estimate onto it", {},
                 {pose, sampling::filled(48, 9, 0.5)}),
            kink("both poses all zero: every error is zero", {},
                 {sampling::filled(48, 5, 0), sampling::filled(48, 5, 0)})};
    }

private:
    /// Millimetres between two points in metres.
    template <class T> POSEAUG_HD static T distance(const T* a, const T* b) {
        const T difference[3] = {a[0] - b[0], a[1] - b[1], a[2] - b[2]};
        return lit<T>(kMillimetres) * length_of(difference);
    }
    template <class T> POSEAUG_HD static T best_scale(const T (&estimate)[48], const T (&truth)[48]) {
        T product = lit<T>(0), square = lit<T>(0);
        for (int i = 0; i < 48; ++i) {
            product += estimate[i] * truth[i];
            square += estimate[i] * estimate[i];
        }
        const auto nowhere = square == lit<T>(0);
        return select(nowhere, lit<T>(0), product / select(nowhere, lit<T>(1), square));
    }
};

} // namespace poseaug
