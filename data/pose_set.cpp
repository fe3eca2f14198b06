#include "data/pose_set.hpp"

namespace poseaug {

std::string action_of(const std::string& clip_action) {
    const auto start = clip_action.find_first_not_of(' ');
    if (start == std::string::npos) return "";
    return clip_action.substr(start, clip_action.find(' ', start) - start);
}

} // namespace poseaug
