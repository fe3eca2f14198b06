#include "data/pose_set.hpp"

namespace poseaug {

std::string action_of(const std::string& clip_action) {
    const auto start = clip_action.find_first_not_of(' ');
    if (start == std::string::npos) return "";
    return clip_action.substr(start, clip_action.find(' ', start) - start);
}

PoseSet select_clips(const PoseSet& set, const std::vector<bool>& keep) {
    PoseSet selected;
    const auto append = [](std::vector<float>& to, const std::vector<float>& from, const Clip& clip, int width) {
        if (from.empty()) return;
        const auto first = from.begin() + clip.first * width;
        to.insert(to.end(), first, first + clip.count * width);
    };
    for (std::size_t i = 0; i < set.clips.size(); ++i) {
        if (!keep[i]) continue;
        Clip clip = set.clips[i];
        append(selected.joints, set.joints, clip, 48);
        append(selected.image, set.image, clip, 32);
        append(selected.camera, set.camera, clip, 9);
        clip.first = selected.size() - clip.count;
        selected.clips.push_back(clip);
    }
    return selected;
}

const std::array<std::string, 16>& joint_names() {
    static const std::array<std::string, 16> names = {"hip",        "right hip",      "right knee",    "right foot",
                                                      "left hip",   "left knee",      "left foot",     "spine",
                                                      "thorax",     "head",           "left shoulder", "left elbow",
                                                      "left wrist", "right shoulder", "right elbow",   "right wrist"};
    return names;
}

} // namespace poseaug
