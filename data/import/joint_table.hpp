#pragma once
#include "data/import/motion_clip.hpp"
#include "kernels/skeleton.hpp"

#include <Eigen/Core>

#include <array>
#include <string>
#include <utility>
#include <vector>

namespace poseaug {

/// The 16 joints of a pose, one a column.
using BodyPose = Eigen::Matrix<double, 3, kJoints>;

/// From which joints of a motion-capture skeleton each of the 16 is made.
struct JointTable {
    using Mixture = std::vector<std::pair<std::string, double>>; ///< joints and their weights, which sum to 1
    std::string name;
    std::array<Mixture, kJoints> joints;
};

/// Reads a table from JSON: an object with the 16 names as keys. A value is a joint, a list of joints whose mean is
/// taken, or an object of joints with weights that sum to 1. The key "about" is free text. Throws Error naming `where`.
JointTable parse_joint_table(const std::string& json, const std::string& name, const std::string& where);

/// The tables compiled in, in the order in which they are tried.
const std::vector<JointTable>& built_in_joint_tables();

/// The table of this name, or else in this file. Throws Error listing the names.
JointTable find_joint_table(const std::string& name_or_file);

/// The first built-in table all of whose joints the clip's skeleton has. Throws Error that lists the skeleton's joints
/// and says how to write a table.
const JointTable& fitting_joint_table(const MotionClip& clip);

/// Makes poses of a clip's frames.
class JointMap {
public:
    /// A table's name stands for the skeleton's joint of that name, or else for the one that has it after a prefix and
    /// a colon ("mixamorig:Hips"). Throws Error if a joint is missing, or if several have its name.
    JointMap(const JointTable& table, const MotionClip& clip);

    /// Throws Error, naming the file, if two joined joints of the pose are at the same place.
    BodyPose pose(const MotionClip& clip, std::int64_t frame) const;

private:
    std::string table_;
    std::array<std::vector<std::pair<std::size_t, double>>, kJoints> joints_;
};

} // namespace poseaug
