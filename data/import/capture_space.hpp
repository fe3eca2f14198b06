#pragma once
#include "data/import/joint_table.hpp"

#include <Eigen/Core>

#include <cstdint>
#include <string>
#include <vector>

namespace poseaug {

/// A unit of length by its name on the command line.
struct LengthUnit {
    const char* name;
    double metres;
};

/// m, cm, mm, inch, foot, and cmu: that of CMU's database, an inch divided by 0.45.
const std::vector<LengthUnit>& length_units();

/// The axes and unit of a motion-capture source.
struct CaptureSpace {
    LengthUnit unit{"m", 1};
    char up = 'y'; ///< 'y' or 'z'
};

/// How long the body is from foot to head along its bones: the mean of both legs, the trunk and the head.
double body_length(const BodyPose& pose);

/// The unit that brings a body of this length nearest to a grown person's. Throws Error if none makes it human (0.8 to
/// 2.5 m).
LengthUnit guess_unit(double body_length);

/// Whether a length in metres can be a person's, 0.8 to 2.5.
bool is_human_length(double metres);

/// The axis, 'y' or 'z', along which heads are above feet over all these poses. Throws Error if they lie or stand on
/// their heads.
char guess_up(const std::vector<BodyPose>& poses);

/// A pose in metres with z up.
BodyPose to_world(const BodyPose& pose, const CaptureSpace& space);

/// Frames that are filmed together, and the middle of the ground they cover.
struct Piece {
    std::int64_t first, count;
    Eigen::Vector2d middle;
};

/// Cuts a path (world metres) into pieces during which the hip stays within a square of side `extent`, each as long as
/// it can be.
std::vector<Piece> cut_path(const std::vector<BodyPose>& poses, double extent);

/// The height of the floor: what the lower of the feet's joints is rarely (in one frame of a hundred) below, less the
/// height of an ankle.
double floor_height(const std::vector<BodyPose>& poses);

/// The point of the ground that is nearest to the lines of sight of a subject's four cameras.
Eigen::Vector2d middle_of_view(const std::string& subject);

} // namespace poseaug
