#include "data/pose_set.hpp"

namespace poseaug {

std::string action_of(const std::string& clip_action) {
    const auto start = clip_action.find_first_not_of(' ');
    if (start == std::string::npos) return "";
    return clip_action.substr(start, clip_action.find(' ', start) - start);
}

const std::array<std::string, 16>& joint_names() {
    static const std::array<std::string, 16> names = {"hip",        "right hip",      "right knee",    "right foot",
                                                      "left hip",   "left knee",      "left foot",     "spine",
                                                      "thorax",     "head",           "left shoulder", "left elbow",
                                                      "left wrist", "right shoulder", "right elbow",   "right wrist"};
    return names;
}

} // namespace poseaug
