#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace poseaug {

/// 2D poses without their 3D: what discriminators and alignments need of another data set.
struct ImageSet {
    std::string name;          ///< for people
    std::vector<float> images; ///< (n, 16, 2) normalised
    std::int64_t size() const { return static_cast<std::int64_t>(images.size() / 32); }
    /// Tells it from another set: "2929 poses, 0123abcd"; empty where it has none.
    std::string contents() const;
};

/// The 2D of a set of a data folder or of a file: "train" (Human3.6M's five training subjects), "h36m" (its test
/// subjects), NAME of test_NAME.npz, or else any file that holds 2D keypoints. Throws Error naming what there is.
ImageSet load_image_set(const std::filesystem::path& folder, const std::string& keypoints, const std::string& what);

/// Only a file.
ImageSet load_image_file(const std::filesystem::path& file);

} // namespace poseaug
