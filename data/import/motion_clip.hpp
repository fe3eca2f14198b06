#pragma once
#include <Eigen/Core>

#include <cstdint>
#include <string>
#include <vector>

namespace poseaug {

/// A piece of motion capture, whatever file it came from: where every joint of its skeleton is in every frame.
struct MotionClip {
    std::string source;              ///< the file, for messages
    std::vector<std::string> joints; ///< names, as the file has them
    std::int64_t frames = 0;
    double rate = 0;               ///< frames a second; 0 where the file does not say
    std::vector<double> positions; ///< (frames, joints, 3) in the file's unit and axes

    Eigen::Vector3d at(std::int64_t frame, std::size_t joint) const {
        return Eigen::Map<const Eigen::Vector3d>(
            &positions[(static_cast<std::size_t>(frame) * joints.size() + joint) * 3]);
    }
};

} // namespace poseaug
