#pragma once
#include <filesystem>

namespace poseaug {

/// Checks, before work is spent on it, that a file can be made at `target` by renaming another one onto it. Throws
/// Error if its folder is missing, or if something is there that is no regular file (a folder, a device).
void require_writable_target(const std::filesystem::path& target);

} // namespace poseaug
