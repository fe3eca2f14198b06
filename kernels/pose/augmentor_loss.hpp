#pragma once
#include "kernels/pose/adversarial.hpp"
#include "kernels/pose/losses.hpp"

namespace poseaug {

/// What the augmentor pays but for the feedback: to each discriminator, since fakes should score 1, and for changes
/// beyond their bands. The real poses' terms carry no gradient but are part of the reported values.
struct AugmentorLoss {
    static constexpr std::string_view name = "augmentor_loss";
    static constexpr std::string_view source = "least-squares adversarial loss of the generator, PoseAug section 3.3; "
                                               "regularisation of the bone angles and of "
                                               "the bone-length ratios, section 3.2";
    static constexpr std::string_view summary =
        "What the augmentor pays for fakes that a discriminator tells, and for changes that are too large.";
    static constexpr std::string_view formula =
        "loss[0] = 1/2 (mean over poses and scores of real^2 + mean over poses and scores of (fake - 1)^2), in 3D\n"
        "loss[1] = the same in 2D\n"
        "loss[2] = mean over poses of p(mean over bones of angle_diff)\n"
        "loss[3] = mean over poses and ratios of p(ratio)\n"
        "p(x) = (x - target)^2 where |x - target| > std, else 0";
    static constexpr std::string_view fuses = "Of the scores two differences, squares and means and their sum, twice; "
                                              "of the changes the mean over bones, the tests of the bands, the squares "
                                              "and the means over poses; and all gradients.";
    static constexpr std::string_view inputs[] = {"fake scores in 3D", "real scores in 3D", "fake scores in 2D",
                                                  "real scores in 2D", "angle_diff",        "ratio"};
    static constexpr std::string_view outputs[] = {"loss"};
    struct Params {
        double weight_3d = 1, weight_2d = 1, weight_change = 1; ///< in the total
        Band angle, ratio;
    };
    static constexpr int scores_3d = 5, scores_2d = 1;
    using In = Rows<scores_3d, scores_3d, scores_2d, scores_2d, kBones, kRatios>;
    using Out = Rows<4>;
    static constexpr unsigned differentiable = 0b110101;
    static constexpr bool mean = true;
    static double weight(const Params& params, int row) {
        if (row == 0) return params.weight_3d;
        return row == 1 ? params.weight_2d : params.weight_change;
    }

    template <class T>
    POSEAUG_HD static void value(const Params& params, const T (&fake_3d)[scores_3d], const T (&real_3d)[scores_3d],
                                 const T (&fake_2d)[scores_2d], const T (&real_2d)[scores_2d],
                                 const T (&angle_diff)[kBones], const T (&ratio)[kRatios], T (&loss)[4]) {
        loss[0] = lit<T>(0.5) * (square_distance<scores_3d, T>(real_3d, 0) + square_distance<scores_3d, T>(fake_3d, 1));
        loss[1] = lit<T>(0.5) * (square_distance<scores_2d, T>(real_2d, 0) + square_distance<scores_2d, T>(fake_2d, 1));
        loss[2] = outside_range(mean_of(angle_diff), params.angle);
        T sum = lit<T>(0);
        for (int i = 0; i < kRatios; ++i) sum += outside_range(ratio[i], params.ratio);
        loss[3] = sum / lit<T>(kRatios);
    }
    template <class T>
    POSEAUG_HD static void vjp(const Params& params, const T (&fake_3d)[scores_3d], const T (&)[scores_3d],
                               const T (&fake_2d)[scores_2d], const T (&)[scores_2d], const T (&angle_diff)[kBones],
                               const T (&ratio)[kRatios], const T (&d_loss)[4], T (&d_fake_3d)[scores_3d],
                               T (&)[scores_3d], T (&d_fake_2d)[scores_2d], T (&)[scores_2d], T (&d_angle_diff)[kBones],
                               T (&d_ratio)[kRatios]) {
        square_distance_vjp<scores_3d, T>(fake_3d, 1, lit<T>(0.5) * d_loss[0], d_fake_3d);
        square_distance_vjp<scores_2d, T>(fake_2d, 1, lit<T>(0.5) * d_loss[1], d_fake_2d);
        const T d = d_loss[2] * outside_range_slope(mean_of(angle_diff), params.angle) / lit<T>(kBones);
        for (int b = 0; b < kBones; ++b) d_angle_diff[b] = d;
        for (int i = 0; i < kRatios; ++i)
            d_ratio[i] = d_loss[3] * outside_range_slope(ratio[i], params.ratio) / lit<T>(kRatios);
    }

    static std::vector<Sample> samples() {
        using sampling::normal, sampling::filled;
        const Band wide{0.205, 0.165}, narrow{0, 0.1};
        const auto judged = [](Sample::Matrix angle_diff, Sample::Matrix ratio) {
            const int cols = ratio.cols;
            return std::vector<Sample::Matrix>{normal(scores_3d, cols), normal(scores_3d, cols),
                                               normal(scores_2d, cols), normal(scores_2d, cols),
                                               std::move(angle_diff),   std::move(ratio)};
        };
        return {sample("scores, and changes in and out of the bands", Attributes::of(Params{6, 1, 3, wide, narrow}),
                       judged(normal(kBones, 300, 0.8, 0.3), normal(kRatios, 300, 0.15))),
                sample("discriminators that are always right, and changes within the bands",
                       Attributes::of(Params{1, 2, 3, wide, narrow}),
                       {filled(scores_3d, 5, 0), filled(scores_3d, 5, 1), filled(scores_2d, 5, 0),
                        filled(scores_2d, 5, 1), filled(kBones, 5, 0.2), filled(kRatios, 5, 0)}),
                sample("beyond the bands", Attributes::of(Params{1, 1, 3, wide, narrow}),
                       judged(filled(kBones, 5, 0.9), filled(kRatios, 5, -0.4))),
                kink("at the bands' edges: nothing is paid for the change and its gradient is zero",
                     Attributes::of(Params{1, 1, 1, {0.25, 0.25}, {0, 0.25}}),
                     judged(filled(kBones, 5, 0.5), filled(kRatios, 5, 0.25)))};
    }

private:
    template <class T> POSEAUG_HD static T mean_of(const T (&angle_diff)[kBones]) {
        T sum = lit<T>(0);
        for (int b = 0; b < kBones; ++b) sum += angle_diff[b];
        return sum / lit<T>(kBones);
    }
};

} // namespace poseaug
