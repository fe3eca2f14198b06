#pragma once
#include "data/import/motion_clip.hpp"

#include <Eigen/Core>

#include <filesystem>
#include <string>
#include <vector>

namespace poseaug {

/// A bone of an Acclaim skeleton, or (index 0) its root, which has no length.
struct AcclaimBone {
    std::string name;
    int parent = -1;                                     ///< index of a bone that stands before this one
    Eigen::Vector3d reach = Eigen::Vector3d::Zero();     ///< from its start to its end at rest: direction times length
    Eigen::Matrix3d frame = Eigen::Matrix3d::Identity(); ///< its own axes at rest, in the world's
    std::string axis_order = "xyz";                      ///< in which its angles turn it, about fixed axes
    std::vector<std::string> channels;                   ///< "rx", "ty", ..., in the order of its values
};

/// An Acclaim skeleton (.asf).
struct AcclaimSkeleton {
    std::string source;                               ///< the file, for messages
    std::vector<AcclaimBone> bones;                   ///< the root first, parents before children
    Eigen::Vector3d origin = Eigen::Vector3d::Zero(); ///< the root's place when its values are zero
    bool degrees = true;                              ///< the unit of angles where a motion file does not say
};

/// Reads the skeleton of .amc files. Limits, masses and skin are passed over; lengths stay in the file's unit, also
/// where `:units length` gives a factor. Throws Error naming file and line.
AcclaimSkeleton read_asf(const std::filesystem::path& file);

/// Reads an Acclaim motion (.amc) of this skeleton. A bone's name stands for its far end: "rtibia" is the right ankle.
/// The format gives no frame rate. Throws Error naming file and line.
MotionClip read_amc(const AcclaimSkeleton& skeleton, const std::filesystem::path& file);

} // namespace poseaug
