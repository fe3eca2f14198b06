#include "data/synth_detector.hpp"

namespace poseaug {
namespace {

/// Pixels, one axis: a hip is found better than a wrist.
constexpr std::array<double, kSynthJoints> kDeviation = {3.0, 3.6, 4.4, 6.0, 3.6, 4.4, 6.0, 4.0, 3.4,
                                                         3.6, 3.8, 4.0, 5.8, 7.4, 4.0, 5.8, 7.4};
constexpr double kMemory = 0.7;  // of the wander, from frame to frame
constexpr double kJitter = 0.35; // of the deviation
constexpr double kLossRate = 0.003;
constexpr double kLossDeviation = 22; // pixels

Eigen::Vector2d normal_pair(double deviation, SynthRandom& random) {
    const double x = random.normal(), y = random.normal();
    return {deviation * x, deviation * y};
}

} // namespace

DetectorNoise::DetectorNoise(SynthRandom random) : random_(random) {
    for (std::size_t j = 0; j < wander_.size(); ++j) {
        wander_[j] = normal_pair(kDeviation[j], random_);
        miss_[j].setZero();
    }
}

const std::array<Eigen::Vector2d, kSynthJoints>& DetectorNoise::next() {
    const double fresh = std::sqrt(1 - kMemory * kMemory);
    for (std::size_t j = 0; j < wander_.size(); ++j) {
        wander_[j] = kMemory * wander_[j] + normal_pair(fresh * kDeviation[j], random_);
        if (lost_[j] > 0) --lost_[j];
        else if (random_.chance(kLossRate)) {
            lost_[j] = 1 + static_cast<int>(random_.below(4));
            miss_[j] = normal_pair(kLossDeviation, random_);
        }
        error_[j] = wander_[j] + normal_pair(kJitter * kDeviation[j], random_);
        if (lost_[j] > 0) error_[j] += miss_[j];
    }
    return error_;
}

} // namespace poseaug
