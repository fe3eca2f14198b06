#pragma once
#include "kernels/column_op.hpp"
#include "kernels/pose/sampling.hpp"

namespace poseaug {

/// (score - label)^2, averaged over N scores.
template <int N, class T> POSEAUG_HD T square_distance(const T* score, double label) {
    T sum = lit<T>(0);
    for (int i = 0; i < N; ++i) {
        const T d = score[i] - lit<T>(label);
        sum += d * d;
    }
    return sum / lit<T>(N);
}
template <int N, class T>
POSEAUG_HD void square_distance_vjp(const T* score, double label, const T& d_distance, T* d_score) {
    const T scale = d_distance * lit<T>(2.0 / N);
    for (int i = 0; i < N; ++i) d_score[i] = scale * (score[i] - lit<T>(label));
}

/// What a discriminator of N scores pays: fakes should score 0, real poses 1; with the shares of scores nearer than 0.5
/// to their label. It scored both side by side.
template <int N> struct DiscriminatorLoss {
    static_assert(N == 1 || N == 5);
    static constexpr std::string_view name = N == 1 ? "discriminator_loss_1" : "discriminator_loss_5";
    static constexpr std::string_view source =
        "least-squares adversarial loss, PoseAug section 3.3; logged accuracy, section 4, public training procedure";
    static constexpr std::string_view summary =
        "A discriminator's loss, and the shares of fake and of real scores that it judges rightly.";
    static constexpr std::string_view formula =
        "loss[0] = 1/2 (mean over poses and scores of (real - 1)^2 + mean over poses and scores of fake^2)\n"
        "loss[1] = mean over poses and scores of [ |fake| < 0.5 ]\n"
        "loss[2] = mean over poses and scores of [ |real - 1| < 0.5 ]";
    static constexpr std::string_view fuses =
        "Taking both batches apart, two differences, squares and means, their sum, two comparisons and means, the "
        "gradients, and putting those side by side.";
    static constexpr std::string_view inputs[] = {"scores, fake and real"}, outputs[] = {"loss"};
    struct Params {
        double weight = 1; ///< of the loss in the total
    };
    using In = Rows<2 * N>;
    using Out = Rows<3>;
    static constexpr unsigned differentiable = 0b1;
    static constexpr unsigned side_by_side = 0b1;
    static constexpr bool mean = true;
    static double weight(const Params& params, int row) { return row == 0 ? params.weight : 0; }

    template <class T> POSEAUG_HD static void value(const Params&, const T (&scores)[2 * N], T (&loss)[3]) {
        const T *fake = scores, *real = scores + N;
        loss[0] = lit<T>(0.5) * (square_distance<N, T>(real, 1) + square_distance<N, T>(fake, 0));
        loss[1] = share(fake, 0);
        loss[2] = share(real, 1);
    }
    template <class T>
    POSEAUG_HD static void vjp(const Params&, const T (&scores)[2 * N], const T (&d_loss)[3], T (&d_scores)[2 * N]) {
        const T half = lit<T>(0.5) * d_loss[0];
        square_distance_vjp<N, T>(scores, 0, half, d_scores);
        square_distance_vjp<N, T>(scores + N, 1, half, d_scores + N);
    }

    static std::vector<Sample> samples() {
        return {sample("scores", Attributes::of(Params{1}), {sampling::normal(N, 600, 0.5, 0.5)}),
                sample("few", Attributes::of(Params{0.5}), {sampling::normal(N, 38)})};
    }

private:
    template <class T> POSEAUG_HD static T share(const T* score, double label) {
        T sum = lit<T>(0);
        for (int i = 0; i < N; ++i) {
            const T d = score[i] - lit<T>(label);
            sum += select(d * d < lit<T>(0.25), lit<T>(1.0 / N), lit<T>(0));
        }
        return sum;
    }
};

} // namespace poseaug
