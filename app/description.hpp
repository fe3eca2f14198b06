#pragma once
#include <nlohmann/json.hpp>

#include <filesystem>
#include <string>

namespace poseaug::app {

/// What a file holds, for people (whole lines) and for machines.
struct Description {
    std::string text;
    nlohmann::json json;
};

/// A weight file of any format: which network where it is known, parameters, metadata, tensors. Throws Error naming the
/// file.
Description describe_tensors(const std::filesystem::path& file);
/// A `.npz` or `.npy` file: its members, and of the public pose files the subjects, clips and frames. Throws Error
/// naming the file.
Description describe_arrays(const std::filesystem::path& file);
/// A training run's folder: its settings, the last line of its log, and its files. Throws Error naming the file.
Description describe_run(const std::filesystem::path& folder);

} // namespace poseaug::app
