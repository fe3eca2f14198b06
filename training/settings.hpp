#pragma once
#include <cstdint>

namespace poseaug {

/// How the estimator's errors on augmented poses and on their sources teach the augmentor: by a free band of their ratio,
/// as the public code does, or by |1 - exp(L_augmented - beta L_source)|, equation 9 of the paper. The band's centre and
/// beta both go from hard_*_start to hard_*_end.
enum class FeedbackLoss { released, paper };

/// Constants of the augmentor's objective (paper section 3.4), the published values.
struct LossSettings {
    FeedbackLoss feedback = FeedbackLoss::released;
    double ratio_limit = 0.2;                       ///< largest relative change of a bone's length
    double ratio_range = 0.1;                       ///< length changes within +- this are free
    double angle_mean = 0.205, angle_range = 0.165; ///< band of a pose's mean angle change (one minus cosine)
    double weight_3d = 6.0, weight_2d = 1.0;        ///< of the two adversarial losses
    double weight_difference = 3.0;                 ///< of the two change penalties
    double hard_ba_start = 3.0, hard_ba_end = 5.0, hard_ba_std = 2.0,
           weight_ba = 0.1; ///< hardness band of the bone-angle pose
    double hard_rt_start = 17.0, hard_rt_end = 17.0, hard_rt_std = 15.0, weight_rt = 0.01; ///< of the rotated pose
    int warmup = 2; ///< epochs before the estimator's feedback and its training begin
};

/// A PoseAug run (method section 4).
struct PoseAugSettings {
    LossSettings loss;
    int epochs = 50;
    int batch = 1024;
    double rate_augmentor = 1e-4, rate_discriminator = 1e-4, rate_estimator = 1e-4;
    double dropout = 0.25;
    double clip = 1.0;
    std::int64_t pool_capacity = 4096;
    bool two_sided = true; ///< image filter; false rejects only coordinates above 1, as the public code does
};

/// Pretraining of the estimator alone.
struct PretrainSettings {
    int epochs = 50;
    int batch = 1024;
    double rate = 1e-3;
    double decay = 0.96; ///< of the rate, every `decay_steps` steps
    std::int64_t decay_steps = 100'000;
    double dropout = 0.25;
    double clip = 1.0;
};

} // namespace poseaug
