#pragma once
#include "kernels/column_op.hpp"
#include "kernels/pose/sampling.hpp"
#include "kernels/skeleton.hpp"

namespace poseaug {

/// Mean over poses, joints and axes of (estimate - hip-relative target)^2, in square metres.
struct MeanSquare {
    static constexpr std::string_view name = "mean_square";
    static constexpr std::string_view source = "pose estimator's loss; PoseAug section 3.4";
    static constexpr std::string_view summary = "The estimator's loss: the mean squared error of its coordinates.";
    static constexpr std::string_view formula =
        "loss = mean over poses and 48 coordinates of (estimate - (target - its hip))^2";
    static constexpr std::string_view fuses =
        "The hip-relative target, the difference, the square, the mean and the gradient.";
    static constexpr std::string_view inputs[] = {"estimate", "target"}, outputs[] = {"loss"};
    using Params = NoParams;
    using In = Rows<48, 48>;
    using Out = Rows<1>;
    static constexpr unsigned differentiable = 0b01;
    static constexpr bool mean = true;
    static double weight(Params, int) { return 1; }

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

/// Mean of (x - label)^2.
struct LeastSquares {
    static constexpr std::string_view name = "least_squares";
    static constexpr std::string_view source = "least squares (Legendre 1805)";
    static constexpr std::string_view summary = "The mean squared distance of one number from its label.";
    static constexpr std::string_view formula = "loss = mean over columns of (x - label)^2";
    static constexpr std::string_view fuses = "Difference, square, mean and gradient.";
    static constexpr std::string_view inputs[] = {"x"}, outputs[] = {"loss"};
    struct Params {
        double label = 0;
        double weight = 1; ///< in the total
    };
    using In = Rows<1>;
    using Out = Rows<1>;
    static constexpr unsigned differentiable = 0b1;
    static constexpr bool mean = true;
    static double weight(const Params& params, int) { return params.weight; }

    template <class T> POSEAUG_HD static void value(const Params& params, const T (&x)[1], T (&loss)[1]) {
        const T error = x[0] - lit<T>(params.label);
        loss[0] = error * error;
    }
    template <class T>
    POSEAUG_HD static void vjp(const Params& params, const T (&x)[1], const T (&d_loss)[1], T (&d_x)[1]) {
        d_x[0] = lit<T>(2) * d_loss[0] * (x[0] - lit<T>(params.label));
    }

    static std::vector<Sample> samples() {
        return {sample("several runs", Attributes::of(Params{1, 1}), {sampling::normal(1, 300)}),
                sample("weighted", Attributes::of(Params{0, 2.5}), {sampling::normal(1, 19)})};
    }
};

/// A band around a target within which nothing is paid.
struct Band {
    double target = 0, std = 0;
};

/// (a - target)^2 outside the band, zero within it and at its edge.
template <class T> POSEAUG_HD T outside_range(const T& a, const T& target, double width) {
    const T d = a - target;
    return select(d * d <= lit<T>(width * width), lit<T>(0), d * d); // so that a NaN stays one
}
template <class T> POSEAUG_HD T outside_range(const T& a, const Band& band) {
    return outside_range(a, lit<T>(band.target), band.std);
}

template <class T> POSEAUG_HD T outside_range_slope(const T& a, const T& target, double width) {
    const T d = a - target;
    return select(d * d <= lit<T>(width * width), lit<T>(0), lit<T>(2) * d);
}
template <class T> POSEAUG_HD T outside_range_slope(const T& a, const Band& band) {
    return outside_range_slope(a, lit<T>(band.target), band.std);
}

} // namespace poseaug
