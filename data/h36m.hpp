#pragma once
#include "data/pose_set.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace poseaug {

/// Human3.6M's public split.
inline const std::vector<std::string> kTrainingSubjects = {"S1", "S5", "S6", "S7", "S8"}, kTestSubjects = {"S9", "S11"};

/// `data_3d_h36m.npz` and `data_2d_h36m_<keypoints>.npz` of a folder in the public Human3.6M layout, unpacked once for all
/// that is taken from them: that is most of the work.
class H36mFiles {
public:
    /// Throws Error naming what is missing and what there is.
    H36mFiles(const std::filesystem::path& folder, const std::string& keypoints);

    /// World to camera space, 2D normalised, 17-joint detections reduced to 16 (index 9 dropped) and their further
    /// columns unused, every `stride`-th frame. 3D may have 32, 17 or 16 joints. Lengths are cut to the shorter; a
    /// difference of more than 30 frames and a tenth of the longer is an error. Subjects and actions in file order, four
    /// clips (one a camera) an action. Throws Error naming what is missing and what there is.
    PoseSet load(const std::vector<std::string>& subjects, int stride = 1) const;
    /// Subjects of the 3D file, in its order.
    std::vector<std::string> subjects() const;
    /// Mean length of each of the 15 bones for every subject (rows, in the order given), from the 3D file.
    std::vector<std::vector<float>> bone_length_templates(const std::vector<std::string>& subjects) const;

private:
    struct Content;
    std::shared_ptr<const Content> content_;
};

/// H36mFiles::load of a folder.
PoseSet load_h36m(const std::filesystem::path& folder, const std::string& keypoints,
                  const std::vector<std::string>& subjects, int stride = 1);

/// H36mFiles::bone_length_templates of a folder, whose 2D is not looked at.
std::vector<std::vector<float>> bone_length_templates(const std::filesystem::path& folder,
                                                      const std::vector<std::string>& subjects);

} // namespace poseaug
