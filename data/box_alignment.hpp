#pragma once
#include "data/pose_set.hpp"

#include <array>
#include <string>
#include <vector>

namespace poseaug {

/// What a pose takes of the image, in normalised coordinates: the centre of the box around its 16 joints, and the box's
/// diagonal.
struct Box {
    double x = 0, y = 0, size = 0;
};
/// image: 16 joints (x, y).
Box box_of(const float* image);

/// Mean and standard deviation of the boxes' x, y and size.
struct BoxStatistics {
    std::array<double, 3> mean{}, spread{};
};

/// How the boxes of many 2D poses are distributed in place and size.
class BoxDistribution {
public:
    /// images: (n, 16, 2). Throws Error if there is none, or none with a size.
    explicit BoxDistribution(const std::vector<float>& images);

    BoxStatistics statistics() const;
    /// The box whose x, y and size stand in this distribution where those of `box` stand in `from`: quantile for
    /// quantile, so that all boxes together get this distribution, whatever its form, and none leaves its range.
    Box matching(const Box& box, const BoxDistribution& from) const;

private:
    std::array<std::vector<double>, 3> sorted_; ///< x, y, size
};

/// What an alignment did.
struct BoxAlignment {
    BoxStatistics before, after, target;
    std::int64_t poses = 0, unreached = 0; ///< unreached: poses that no move brings to the box meant for them

    /// One line for people.
    std::string text() const;
};

/// Global position alignment (the idea of PoseDA, Chai et al., ICCV 2023): moves every pose as a whole, sideways and in
/// depth, so that its 2D takes the box of `target` that matches its own. Bones and directions stay; the 2D is projected
/// anew by the pose's camera, and what a detector had missed the projection by goes along, scaled with the depth. Poses
/// stay in front of their cameras. Throws Error for poses without cameras.
BoxAlignment align_poses(PoseSet& set, const BoxDistribution& target);

/// The same in the image alone, for poses to be estimated: moves and scales the 2D (n, 16, 2).
BoxAlignment align_images(std::vector<float>& images, const BoxDistribution& target);

} // namespace poseaug
