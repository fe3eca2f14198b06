#pragma once
#include "data/synth_body.hpp"

#include <array>

namespace poseaug {

/// Errors of a keypoint detector following one person through one camera: a slow wander and a jitter at each joint,
/// larger at the limbs' ends, and now and then a joint lost for some frames.
class DetectorNoise {
public:
    explicit DetectorNoise(SynthRandom random);

    /// Error in pixels of every joint in the next frame.
    const std::array<Eigen::Vector2d, kSynthJoints>& next();

private:
    SynthRandom random_;
    std::array<Eigen::Vector2d, kSynthJoints> wander_, miss_, error_;
    std::array<int, kSynthJoints> lost_{}; ///< frames for which a joint stays lost
};

} // namespace poseaug
