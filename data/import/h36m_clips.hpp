#pragma once
#include "data/array.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace poseaug {

/// One file of Human3.6M's 3D positions, not yet read.
struct H36mClip {
    std::string subject, action; ///< as the public files name it: "Photo", "WalkDog 1"
    std::string where;           ///< for messages
    std::function<Array()> read; ///< (frames, 96): x, y, z of 32 joints in world millimetres
};

struct H36mClips {
    std::string format;
    std::vector<H36mClip> clips; ///< by subject as Human3.6M counts them, then by action
    std::vector<std::string> left_out;
};

/// The clips of a zip archive or a folder, as `import_h36m` describes them. The archive is open while they live. Throws
/// Error if there are none, if two are the same, and for an archive whose members' paths lead out of it.
H36mClips find_h36m_clips(const std::filesystem::path& source);

} // namespace poseaug
