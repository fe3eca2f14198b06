#pragma once
#include "kernels/sampling.hpp"

/// Poses and cameras for gradient checks.
namespace poseaug::sampling {

/// Plausible poses in front of a camera: (48, cols), metres.
Sample::Matrix poses(int cols);
/// Poses in which one bone after another, from column to column, has no length: (48, cols).
Sample::Matrix folded_poses(int cols);
/// Bone vectors along the x axis, of the given signed length: (45, cols).
Sample::Matrix axis_aligned_bones(int cols, double length);
/// Poses whose bone vectors are those of length 0.5, so that directions are exact: (48, cols).
Sample::Matrix axis_aligned_poses(int cols);
/// Poses in which every second joint has depth zero: (48, cols).
Sample::Matrix zero_depth_poses(int cols);
/// Arguments of the augmentor's tanh for which the rotation's angle is pi: (3, cols).
Sample::Matrix half_turns(int cols);
/// Joints (48, cols) reflected in the plane x = 0, without renaming left and right.
Sample::Matrix mirrored(Sample::Matrix joints);
/// Intrinsics fx fy cx cy k1 k2 k3 p1 p2 like Human3.6M's: (9, cols).
Sample::Matrix cameras(int cols);

} // namespace poseaug::sampling
