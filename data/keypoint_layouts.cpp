#include "data/keypoint_layouts.hpp"

#include "kernels/error.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>

namespace poseaug {
namespace {

constexpr int kHip = 0, kRightHip = 1, kLeftHip = 4, kSpine = 7, kThorax = 8, kHead = 9, kLeftShoulder = 10,
              kRightShoulder = 13;

// The head's top is 0.64 torsos above the middle of the shoulders in motion capture, the eyes 0.43; the ears are about
// 1 cm and the nose's tip 3.5 cm below the eyes, of a torso of 0.49 m.
constexpr double kReachOfEars = 1.55, kReachOfEyes = 1.5, kReachOfNose = 1.8;

std::vector<FacePart> face(int right_ear, int left_ear, int right_eye, int left_eye, int nose) {
    return {{{right_ear, left_ear}, kReachOfEars}, {{right_eye, left_eye}, kReachOfEyes}, {{nose, nose}, kReachOfNose}};
}

const std::vector<KeypointLayout>& layouts() {
    static const std::vector<KeypointLayout> all = {
        {"coco", 17, {-1, 12, 14, 16, 11, 13, 15, -1, -1, -1, 5, 7, 9, 6, 8, 10}, face(4, 3, 2, 1, 0)},
        {"body25", 25, {8, 9, 10, 11, 12, 13, 14, -1, 1, -1, 5, 6, 7, 2, 3, 4}, face(17, 18, 15, 16, 0)},
        {"openpose18", 18, {-1, 8, 9, 10, 11, 12, 13, -1, 1, -1, 5, 6, 7, 2, 3, 4}, face(16, 17, 14, 15, 0)},
        {"h36m", 17, {0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 16}, {}},
        {"h36m", 16, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, {}},
    };
    return all;
}

ImagePoint missing() { return ImagePoint::Constant(std::numeric_limits<double>::quiet_NaN()); }

ImagePoint middle(const ImagePoint& a, const ImagePoint& b) { return (a + b) / 2; }

/// The middle of those seen.
ImagePoint middle_of_seen(const ImagePoint& a, const ImagePoint& b) {
    if (!is_seen(a)) return b;
    return is_seen(b) ? middle(a, b) : a;
}

ImagePoint head_top(const KeypointLayout& layout, const std::vector<ImagePoint>& keypoints, const ImagePoint& thorax) {
    for (const FacePart& part : layout.face) {
        const ImagePoint place = middle_of_seen(keypoints[static_cast<std::size_t>(part.keypoints[0])],
                                                keypoints[static_cast<std::size_t>(part.keypoints[1])]);
        if (is_seen(place)) return thorax + part.reach * (place - thorax);
    }
    return missing();
}

} // namespace

const KeypointLayout& find_keypoint_layout(const std::string& name, std::size_t keypoints, const std::string& where) {
    std::vector<std::size_t> counts;
    for (const KeypointLayout& layout : layouts()) {
        if (layout.name != name) continue;
        if (layout.keypoints == keypoints) return layout;
        counts.push_back(layout.keypoints);
    }
    if (counts.empty())
        throw Error(fmt::format("{}: the layout '{}' is not known; give --layout, one of {}", where, name,
                                fmt::join(keypoint_layout_names(), ", ")));
    throw Error(fmt::format("{}: {} keypoints a person; the layout {} has {}", where, keypoints, name,
                            fmt::join(counts, " or ")));
}

std::string guess_keypoint_layout(std::size_t keypoints, const std::string& of_17) {
    if (keypoints == 17) return of_17;
    const auto found = std::ranges::find(layouts(), keypoints, &KeypointLayout::keypoints);
    return found == layouts().end() ? "" : found->name;
}

const std::vector<std::string>& keypoint_layout_names() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> each;
        for (const KeypointLayout& layout : layouts())
            if (each.empty() || each.back() != layout.name) each.push_back(layout.name);
        return each;
    }();
    return names;
}

bool agrees_with_left(const KeypointLayout& layout, const std::vector<int>& left) {
    constexpr int left_limbs[] = {4, 5, 6, 10, 11, 12};
    return std::ranges::all_of(left_limbs, [&](int joint) {
        return std::ranges::count(left, layout.joint[static_cast<std::size_t>(joint)]) > 0;
    });
}

ImagePose to_sixteen_joints(const KeypointLayout& layout, const std::vector<ImagePoint>& keypoints) {
    ImagePose pose;
    for (std::size_t joint = 0; joint < pose.size(); ++joint) {
        const int from = layout.joint[joint];
        pose[joint] = from < 0 ? missing() : keypoints.at(static_cast<std::size_t>(from));
    }
    const auto derive = [&](int joint, const ImagePoint& place) {
        ImagePoint& point = pose[static_cast<std::size_t>(joint)];
        if (!is_seen(point)) point = place;
    };
    derive(kHip, middle(pose[kRightHip], pose[kLeftHip]));
    derive(kThorax, middle(pose[kRightShoulder], pose[kLeftShoulder]));
    derive(kSpine, middle(pose[kHip], pose[kThorax]));
    derive(kHead, head_top(layout, keypoints, pose[kThorax]));
    return pose;
}

} // namespace poseaug
