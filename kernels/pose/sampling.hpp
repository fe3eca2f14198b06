#pragma once
#include "kernels/op.hpp"

#include <cstdint>

namespace poseaug {

Sample sample(std::string label, Attributes attributes, std::vector<Sample::Matrix> in);
/// The same at a kink or a clamp's edge, where only finiteness is asked.
Sample kink(std::string label, Attributes attributes, std::vector<Sample::Matrix> in);

/// Inputs for gradient checks: repeatable, each call continuing one fixed random sequence.
namespace sampling {

Sample::Matrix normal(int rows, int cols, double scale = 1.0, double mean = 0.0);
Sample::Matrix filled(int rows, int cols, double value);
/// Columns of random direction and the given Euclidean length.
Sample::Matrix of_length(int rows, int cols, double length);
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
/// `matrix` with normal noise added.
Sample::Matrix perturbed(Sample::Matrix matrix, double scale);
/// Joints (48, cols) reflected in the plane x = 0, without renaming left and right.
Sample::Matrix mirrored(Sample::Matrix joints);
/// Intrinsics fx fy cx cy k1 k2 k3 p1 p2 like Human3.6M's: (9, cols).
Sample::Matrix cameras(int cols);

} // namespace sampling
} // namespace poseaug
