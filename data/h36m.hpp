#pragma once
#include "data/pose_set.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace poseaug {

/// Human3.6M's public split.
inline const std::vector<std::string> kTrainingSubjects = {"S1", "S5", "S6", "S7", "S8"}, kTestSubjects = {"S9", "S11"};

/// Reads `data_3d_h36m.npz` and `data_2d_h36m_<keypoints>.npz` of a folder in the public Human3.6M layout: world to
/// camera space, 2D normalised, 17-joint detections reduced to 16 (index 9 dropped) and their further columns unused,
/// every `stride`-th frame. 3D may have 32, 17 or 16 joints. Lengths are cut to the shorter; a difference of more than
/// 30 frames and a tenth of the longer is an error. Subjects and actions in file order, four clips (one a camera) an
/// action. Throws Error naming what is missing and what there is.
PoseSet load_h36m(const std::filesystem::path& folder, const std::string& keypoints,
                  const std::vector<std::string>& subjects, int stride = 1);

/// Subjects of `data_3d_h36m.npz`, in file order.
std::vector<std::string> h36m_subjects(const std::filesystem::path& folder);

/// Mean length of each of the 15 bones for every subject (rows, in the order given), from `data_3d_h36m.npz`.
std::vector<std::vector<float>> bone_length_templates(const std::filesystem::path& folder,
                                                      const std::vector<std::string>& subjects);

} // namespace poseaug
