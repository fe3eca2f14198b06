#include "data/keypoint_gaps.hpp"

#include <algorithm>
#include <cmath>

namespace poseaug {
namespace {

constexpr std::size_t kRow = 2 * kJoints;
constexpr int kLeastSeen = 6;

/// A bone of a standing figure that faces the camera: metres to the right of the image and down, mean lengths of motion
/// capture.
ImagePoint standing_bone(int bone) {
    constexpr double bones[kBones][2] = {{-0.09, 0},   {0, 0.46},    {0, 0.47},     {0.09, 0},     {0, 0.46},
                                         {0, 0.47},    {0, -0.27},   {0, -0.26},    {0, -0.24},    {0.18, 0.04},
                                         {0.03, 0.24}, {0.02, 0.25}, {-0.18, 0.04}, {-0.03, 0.24}, {-0.02, 0.25}};
    return {bones[bone][0], bones[bone][1]};
}

/// A standing figure, as large as a pose and facing as it does.
struct Figure {
    double scale = 0, facing = 1;
    /// From the bone's parent to its child.
    ImagePoint bone(int index) const { return scale * ImagePoint(facing, 1).cwiseProduct(standing_bone(index)); }
};

const ImagePoint& at(const ImagePose& pose, int joint) { return pose[static_cast<std::size_t>(joint)]; }

Figure figure_of(const ImagePose& pose) {
    double lengths = 0, squares = 0, leftness = 0;
    for (int bone = 0; bone < kBones; ++bone) {
        const ImagePoint seen = at(pose, bone + 1) - at(pose, parent_of(bone + 1));
        if (!is_seen(seen)) continue;
        lengths += seen.norm() * standing_bone(bone).norm();
        squares += standing_bone(bone).squaredNorm();
    }
    for (const int left : {4, 10}) {
        const ImagePoint across = at(pose, left) - at(pose, mirror_of(left));
        if (is_seen(across)) leftness += across.x();
    }
    return {squares > 0 ? lengths / squares : 0, leftness < 0 ? -1.0 : 1.0};
}

/// Mean of what the known neighbours of a joint say; NaN if it has none.
ImagePoint place_by_neighbours(const ImagePose& pose, int joint, const Figure& figure) {
    ImagePoint sum = ImagePoint::Zero();
    int neighbours = 0;
    const auto say = [&](const ImagePoint& place) {
        if (!is_seen(place)) return;
        sum += place;
        ++neighbours;
    };
    if (joint > 0) say(at(pose, parent_of(joint)) + figure.bone(joint - 1));
    for (int child = 1; child < kJoints; ++child)
        if (parent_of(child) == joint) say(at(pose, child) - figure.bone(child - 1));
    return sum / neighbours;
}

} // namespace

std::int64_t interpolate_joints(std::span<float> frames, int max_gap) {
    const std::size_t count = frames.size() / kRow;
    std::int64_t set = 0;
    for (std::size_t joint = 0; joint < kJoints; ++joint) {
        const auto place = [&](std::size_t frame) { return frames.data() + frame * kRow + 2 * joint; };
        std::size_t before = count; // the last frame that has the joint; count: none yet
        for (std::size_t frame = 0; frame < count; ++frame) {
            if (std::isnan(*place(frame))) continue;
            const std::size_t gap = before == count ? 0 : frame - before - 1;
            if (gap <= static_cast<std::size_t>(max_gap)) {
                for (std::size_t i = 1; i <= gap; ++i)
                    for (std::size_t k = 0; k < 2; ++k)
                        place(before + i)[k] = std::lerp(place(before)[k], place(frame)[k],
                                                         static_cast<float>(i) / static_cast<float>(gap + 1));
                set += static_cast<std::int64_t>(gap);
            }
            before = frame;
        }
    }
    return set;
}

int fill_joints(ImagePose& pose) {
    const auto seen = static_cast<int>(std::ranges::count_if(pose, is_seen));
    const Figure figure = figure_of(pose);
    if (seen < kLeastSeen || !(figure.scale > 0)) return 0;
    while (!std::ranges::all_of(pose, is_seen)) {
        const ImagePose known = pose;
        for (int joint = 0; joint < kJoints; ++joint)
            if (!is_seen(at(known, joint)))
                pose[static_cast<std::size_t>(joint)] = place_by_neighbours(known, joint, figure);
    }
    return kJoints - seen;
}

} // namespace poseaug
