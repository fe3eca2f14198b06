#pragma once
#include "data/pose_set.hpp"

#include <string>
#include <vector>

namespace poseaug {

/// Eight hexadecimal digits that tell apart what arrays hold; values are compared to a ten-thousandth, so that the last
/// bits of a build do not matter.
std::string fingerprint(const float* values, std::size_t count);

/// A fingerprint of each clip: of the 3D of its first pose. It stays the same whatever the stride and the 2D.
std::vector<std::string> clip_fingerprints(const PoseSet& set);

} // namespace poseaug
