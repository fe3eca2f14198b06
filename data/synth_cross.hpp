#pragma once
#include "data/array.hpp"

#include <cstdint>

namespace poseaug {

/// Poses of people unlike the training ones, each clip seen by a camera of its own.
struct CrossSet {
    Array pose3d; ///< (n, 16, 3) metres, camera space
    Array pose2d; ///< (n, 16, 2) normalised, exact projections within the image
};

CrossSet make_cross_set(std::int64_t poses, std::uint64_t seed);

} // namespace poseaug
