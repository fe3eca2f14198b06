#pragma once
#include "data/pose_set.hpp"
#include "kernels/skeleton.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace poseaug {

/// Poses of a test set, pose-major, as `test_<name>.npz` holds them.
struct TestSet {
    std::vector<float> pose3d; ///< (n, 16, 3) metres, camera space or hip-relative
    std::vector<float> pose2d; ///< (n, 16, 2) normalised
    /// (n) the clip of each pose: equal names in a row are one clip's frames in order, without a gap. Its first word is
    /// what evaluation calls the action. Empty: poses in no order in time.
    std::vector<std::string> sequence;
    std::string annotation; ///< which of several annotations the 3D is, such as "univ_annot3"; empty where there is one
    std::int64_t size() const { return static_cast<std::int64_t>(pose3d.size() / (3 * kJoints)); }
};

/// Writes `test_<name>.npz` into a folder, made where it is missing. Throws Error if it cannot be written, and for a
/// set without poses.
void write_test_set(const std::filesystem::path& folder, const std::string& name, const TestSet& set);

/// Reads `test_<name>.npz`: `pose3d` (n,16,3) metres and `pose2d` (n,16,2) normalised; no cameras. With `sequence` (n,)
/// text, a clip for each run of equal names, whose action is that name; without it one clip in no order in time. The
/// subject is the name in capitals ("3DHP"). Throws Error naming what is missing or does not fit.
PoseSet load_test_set(const std::filesystem::path& file);

/// The `annotation` that the file names, or nothing.
std::string test_set_annotation(const std::filesystem::path& file);

} // namespace poseaug
