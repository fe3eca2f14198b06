#pragma once
#include "data/array.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace poseaug::app {

/// One array of poses (n, joints, columns) of a .npz file.
struct PoseArray {
    std::vector<float> values;
    std::int64_t poses = 0, joints = 0;
};

/// Reads member `name` as finite numbers (n, J, columns), J one of `joints`, n at least 1. Throws Error saying what it
/// is instead.
PoseArray read_poses(const std::filesystem::path& file, const std::string& name,
                     const std::vector<std::int64_t>& joints, std::int64_t columns);

/// Whether a .npz file has the member.
bool has_member(const std::filesystem::path& file, const std::string& name);

/// A member as an array of finite numbers. Throws Error naming file and member.
Array read_numbers(const std::filesystem::path& file, const std::string& name);

} // namespace poseaug::app
