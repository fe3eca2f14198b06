#pragma once
#include "data/keypoint_frames.hpp"

namespace poseaug {

/// Reads a JSON file of MMPose, OpenPose or COCO, telling by its structure which it is.
void read_keypoint_json(const std::filesystem::path& file, KeypointFrames& frames);

/// Reads a folder of JSON files, one a frame: OpenPose's `*_keypoints.json` if there are any, else all. The order is
/// that of the numbers in the names; names that differ before their last number are sequences of their own.
void read_keypoint_folder(const std::filesystem::path& folder, KeypointFrames& frames);

/// Reads a .npz of VideoPose3D (`positions_2d`) or of our own (`pose2d`).
void read_keypoint_arrays(const std::filesystem::path& file, KeypointFrames& frames);

} // namespace poseaug
