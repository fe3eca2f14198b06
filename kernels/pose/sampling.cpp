#include "kernels/pose/sampling.hpp"

#include "kernels/skeleton.hpp"

#include <algorithm>
#include <cmath>
#include <random>

namespace poseaug {

Sample sample(std::string label, Attributes attributes, std::vector<Sample::Matrix> in) {
    Sample s;
    s.label = std::move(label);
    s.attributes = attributes;
    s.in = std::move(in);
    return s;
}

Sample kink(std::string label, Attributes attributes, std::vector<Sample::Matrix> in) {
    Sample s = sample(std::move(label), attributes, std::move(in));
    s.smooth = false;
    return s;
}

namespace sampling {

namespace {
std::mt19937_64& generator() {
    thread_local std::mt19937_64 random(20210625);
    return random;
}
double draw() { return std::normal_distribution<double>()(generator()); }
} // namespace

Sample::Matrix normal(int rows, int cols, double scale, double mean) {
    Sample::Matrix m{rows, cols, std::vector<double>(static_cast<std::size_t>(rows) * cols)};
    for (double& v : m.values) v = mean + scale * draw();
    return m;
}

Sample::Matrix filled(int rows, int cols, double value) {
    return {rows, cols, std::vector<double>(static_cast<std::size_t>(rows) * cols, value)};
}

Sample::Matrix of_length(int rows, int cols, double length) {
    Sample::Matrix m = normal(rows, cols);
    for (int c = 0; c < cols; ++c) {
        double square = 0;
        for (int r = 0; r < rows; ++r) square += m.values[r * cols + c] * m.values[r * cols + c];
        for (int r = 0; r < rows; ++r) m.values[r * cols + c] *= length / std::sqrt(square);
    }
    return m;
}

Sample::Matrix poses(int cols) {
    Sample::Matrix m = filled(3 * kJoints, cols, 0);
    for (int c = 0; c < cols; ++c) {
        for (int k = 0; k < 3; ++k) m.values[k * cols + c] = 0.3 * draw() + (k == 2 ? 4.5 : 0);
        for (int j = 1; j < kJoints; ++j)
            for (int k = 0; k < 3; ++k)
                m.values[(3 * j + k) * cols + c] = m.values[(3 * parent_of(j) + k) * cols + c] + 0.2 * draw();
    }
    return m;
}

Sample::Matrix folded_poses(int cols) {
    Sample::Matrix m = poses(cols);
    for (int c = 0; c < cols; ++c) {
        const int joint = 1 + c % kBones;
        for (int k = 0; k < 3; ++k)
            m.values[(3 * joint + k) * cols + c] = m.values[(3 * parent_of(joint) + k) * cols + c];
    }
    return m;
}

Sample::Matrix axis_aligned_bones(int cols, double length) {
    Sample::Matrix m = filled(3 * kBones, cols, 0);
    for (int b = 0; b < kBones; ++b)
        for (int c = 0; c < cols; ++c) m.values[3 * b * cols + c] = length;
    return m;
}

Sample::Matrix axis_aligned_poses(int cols) {
    Sample::Matrix m = filled(3 * kJoints, cols, 0);
    for (int j = 1; j < kJoints; ++j)
        for (int c = 0; c < cols; ++c) m.values[3 * j * cols + c] = m.values[3 * parent_of(j) * cols + c] - 0.5;
    return m;
}

Sample::Matrix zero_depth_poses(int cols) {
    Sample::Matrix m = poses(cols);
    for (int j = 0; j < kJoints; j += 2)
        for (int c = 0; c < cols; ++c) m.values[(3 * j + 2) * cols + c] = 0;
    return m;
}

Sample::Matrix half_turns(int cols) {
    const double pi = std::acos(-1.0), largest = 3.1415;
    Sample::Matrix m = of_length(3, cols, pi);
    // a component beyond the tanh's reach is shortened by turning the axis towards the diagonal
    for (int c = 0; c < cols; ++c) {
        double longest = 0;
        for (int r = 0; r < 3; ++r) longest = std::max(longest, std::abs(m.values[r * cols + c]));
        for (int r = 0; r < 3; ++r) {
            double& v = m.values[r * cols + c];
            if (longest > 0.95 * pi) v = (v < 0 ? -1 : 1) * pi / std::sqrt(3.0);
            v = std::atanh(v / largest);
        }
    }
    return m;
}

Sample::Matrix perturbed(Sample::Matrix matrix, double scale) {
    for (double& v : matrix.values) v += scale * draw();
    return matrix;
}

Sample::Matrix mirrored(Sample::Matrix joints) {
    for (int j = 0; j < kJoints; ++j)
        for (int c = 0; c < joints.cols; ++c) joints.values[3 * j * joints.cols + c] *= -1;
    return joints;
}

Sample::Matrix cameras(int cols) {
    constexpr double h36m[9] = {2.29, 2.2876, 0.0251, 0.0289, -0.2071, 0.2478, -0.0031, -0.001, -0.0014};
    Sample::Matrix m = filled(9, cols, 0);
    for (int r = 0; r < 9; ++r)
        for (int c = 0; c < cols; ++c) m.values[r * cols + c] = h36m[r] * (1 + 0.05 * draw());
    return m;
}

} // namespace sampling
} // namespace poseaug
