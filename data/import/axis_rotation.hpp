#pragma once
#include <Eigen/Geometry>

namespace poseaug {

/// The turn by `radians` about a coordinate axis (0 x, 1 y, 2 z), right-handed.
inline Eigen::Matrix3d axis_rotation(int axis, double radians) {
    return Eigen::AngleAxisd(radians, Eigen::Vector3d::Unit(axis)).toRotationMatrix();
}

} // namespace poseaug
