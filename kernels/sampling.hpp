#pragma once
#include "kernels/op.hpp"

namespace poseaug {

Sample sample(std::string label, Attributes attributes, std::vector<Sample::Matrix> in);
/// The same at a point where a plain formula fails but the op is smooth. The label says what is done there.
Sample singular(std::string label, Attributes attributes, std::vector<Sample::Matrix> in);
/// The same at a kink or a clamp's edge, where only finiteness is asked. The label says what the gradient is there.
Sample kink(std::string label, Attributes attributes, std::vector<Sample::Matrix> in);

/// Inputs for gradient checks: each call continues one fixed random sequence, which begins anew with each op.
namespace sampling {

/// One standard normal number.
double draw();
Sample::Matrix normal(int rows, int cols, double scale = 1.0, double mean = 0.0);
Sample::Matrix filled(int rows, int cols, double value);
/// Columns of random direction and the given Euclidean length.
Sample::Matrix of_length(int rows, int cols, double length);
/// `matrix` with normal noise added.
Sample::Matrix perturbed(Sample::Matrix matrix, double scale);

} // namespace sampling
} // namespace poseaug
