#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace poseaug {

/// A run of consecutive frames seen by one camera.
struct Clip {
    std::string subject;               ///< "S9"
    std::string action;                ///< as the file names it: "Walking 1"
    int camera = 0;                    ///< 0..3
    std::int64_t first = 0, count = 0; ///< rows of the PoseSet
    bool sequence = true;              ///< false: poses in no order in time
};

/// Poses with what a camera sees of them, pose-major: the form files have and the resident dataset keeps.
struct PoseSet {
    std::vector<float> joints; ///< (n, 16, 3) metres, camera space
    std::vector<float> image;  ///< (n, 16, 2) normalised image coordinates, as detected
    std::vector<float> camera; ///< (n, 9) fx fy cx cy k1 k2 k3 p1 p2, normalised; empty where unknown (test_3dhp)
    std::vector<Clip> clips;
    std::int64_t size() const { return static_cast<std::int64_t>(joints.size() / 48); }
};

/// The clips for which `keep` (one a clip) says so, with their poses.
PoseSet select_clips(const PoseSet& set, const std::vector<bool>& keep);

/// Names of the 16 joints, in order: "hip", "right hip", ...
const std::array<std::string, 16>& joint_names();

/// "Walking 1" -> "Walking": the first word of an action's name.
std::string action_of(const std::string& clip_action);

} // namespace poseaug
