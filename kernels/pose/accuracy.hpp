#pragma once
#include "kernels/column_op.hpp"
#include "kernels/pose/sampling.hpp"

namespace poseaug {

/// Share of N scores nearer than 0.5 to their label (1 real, 0 fake), averaged over poses: how well a discriminator
/// does.
template <int N> struct ScoreAccuracy {
    static_assert(N == 1 || N == 5);
    static constexpr std::string_view name = N == 1 ? "score_accuracy_1" : "score_accuracy_5";
    static constexpr std::string_view source =
        "logged discriminator accuracy; PoseAug section 4, public training procedure";
    static constexpr std::string_view summary =
        "The share of a discriminator's scores that are nearer than 0.5 to their label.";
    static constexpr std::string_view formula = "share = mean over poses and scores of [ |score - label| < 0.5 ]";
    static constexpr std::string_view fuses = "Difference, comparison and mean.";
    static constexpr std::string_view inputs[] = {"score"}, outputs[] = {"share"};
    struct Params {
        double label = 0;
    };
    using In = Rows<N>;
    using Out = Rows<1>;
    static constexpr unsigned differentiable = 0;
    static constexpr bool mean = true;

    template <class T> POSEAUG_HD static void value(const Params& params, const T (&score)[N], T (&share)[1]) {
        share[0] = lit<T>(0);
        for (int i = 0; i < N; ++i) {
            const T d = score[i] - lit<T>(params.label);
            share[0] += select(d * d < lit<T>(0.25), lit<T>(1.0 / N), lit<T>(0));
        }
    }

    static std::vector<Sample> samples() {
        return {sample("fake", Attributes::of(Params{0}), {sampling::normal(N, 300)}),
                sample("real", Attributes::of(Params{1}), {sampling::normal(N, 19, 0.5, 1.0)})};
    }
};

} // namespace poseaug
