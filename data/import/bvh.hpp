#pragma once
#include "data/import/motion_clip.hpp"

#include <filesystem>

namespace poseaug {

/// Reads a Biovision hierarchy (.bvh). Channels may come in any order and on any joint; rotations compose in the order
/// of their channels, positions move the joint before it turns. The root's position is added to its OFFSET; other
/// joints' positions replace theirs, as most programs write them, unless those of the first frame are on the whole
/// nearer to zero than to the OFFSETs: then they are added. An End Site is a joint named after its parent, "Head_end".
/// Throws Error naming file and line.
MotionClip read_bvh(const std::filesystem::path& file);

} // namespace poseaug
