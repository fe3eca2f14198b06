#pragma once
#include "data/keypoint_layouts.hpp"

#include <cstdint>
#include <span>

namespace poseaug {

/// Joins each joint's places (frames, 16, 2) linearly over runs of at most `max_gap` frames in which it is missing
/// (NaN) and before and after which it is not. Returns how many joints were set.
std::int64_t interpolate_joints(std::span<float> frames, int max_gap);

/// Sets the missing joints of a pose from those seen, along the bones: a figure that stands upright, as large as the
/// bones seen say on average, and facing as the sides of hips and shoulders say. A joint that touches several known
/// ones is set to the mean of what they say. Returns how many were set; none if fewer than six joints or no bone was
/// seen.
int fill_joints(ImagePose& pose);

} // namespace poseaug
