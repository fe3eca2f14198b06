#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace poseaug {

/// The files with this extension (".bvh", in any case) in a folder and the folders in it, sorted by their path; or
/// `source` itself if it is such a file. Throws Error if there is none.
std::vector<std::filesystem::path> files_of_kind(const std::filesystem::path& source, const std::string& extension);

/// The skeleton of an .amc: of the .asf files beside it the one with the longest name that its name begins with
/// ("05.asf" for "05_01.amc"), or else the only one. Throws Error if there is none.
std::filesystem::path skeleton_of_motion(const std::filesystem::path& amc);

} // namespace poseaug
