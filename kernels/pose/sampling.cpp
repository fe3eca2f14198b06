#include "kernels/pose/sampling.hpp"

#include "kernels/skeleton.hpp"

#include <algorithm>
#include <cmath>

namespace poseaug::sampling {

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

} // namespace poseaug::sampling
