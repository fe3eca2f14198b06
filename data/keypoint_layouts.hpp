#pragma once
#include "kernels/skeleton.hpp"

#include <Eigen/Core>

#include <array>
#include <string>
#include <vector>

namespace poseaug {

/// A keypoint in the image; NaN where it was not seen.
using ImagePoint = Eigen::Vector2d;
/// The 16 joints in the image; NaN where missing.
using ImagePose = std::array<ImagePoint, kJoints>;

/// Whether a point was seen.
inline bool is_seen(const ImagePoint& point) { return !point.hasNaN(); }

/// A part of the face, and how many times as far from the thorax the head's top is.
struct FacePart {
    std::array<int, 2> keypoints; ///< right and left, or twice the same
    double reach;
};

/// How a detector orders its keypoints.
struct KeypointLayout {
    std::string name;
    std::size_t keypoints;
    std::array<int, kJoints> joint; ///< the keypoint that is the joint; -1: derived from others
    std::vector<FacePart> face;     ///< what the head's top is extrapolated from, the best first
};

/// The layout of that name with that many keypoints ("h36m" has two, of 16 and of 17). Throws Error, starting with
/// `where`.
const KeypointLayout& find_keypoint_layout(const std::string& name, std::size_t keypoints, const std::string& where);

/// The layout that a number of keypoints means where the file does not tell: 17 is `of_17`. Empty if none has as many.
std::string guess_keypoint_layout(std::size_t keypoints, const std::string& of_17);

/// Names of all layouts, each once.
const std::vector<std::string>& keypoint_layout_names();

/// Whether the keypoints of the left arm and leg are all among `left`.
bool agrees_with_left(const KeypointLayout& layout, const std::vector<int>& left);

/// The 16 joints of a layout's keypoints. Where the layout or the detector has none, the hip is the middle of the hips,
/// the thorax the middle of the shoulders, the spine the middle of hip and thorax, and the head's top lies on the line
/// from the thorax through the middle of the ears, else of the eyes, else through the nose (docs/formats.md has the
/// proportions). A joint whose keypoints were not seen is missing.
ImagePose to_sixteen_joints(const KeypointLayout& layout, const std::vector<ImagePoint>& keypoints);

} // namespace poseaug
