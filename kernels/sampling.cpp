#include "kernels/sampling.hpp"

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

Sample singular(std::string label, Attributes attributes, std::vector<Sample::Matrix> in) {
    Sample s = sample(std::move(label), attributes, std::move(in));
    s.singular = true;
    return s;
}

Sample kink(std::string label, Attributes attributes, std::vector<Sample::Matrix> in) {
    Sample s = singular(std::move(label), attributes, std::move(in));
    s.smooth = false;
    return s;
}

namespace sampling {

namespace {

std::mt19937_64 afresh() { return std::mt19937_64(20210625); }
thread_local std::mt19937_64 random_bits = afresh();

} // namespace

double draw() { return std::normal_distribution<double>()(random_bits); }

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

Sample::Matrix perturbed(Sample::Matrix matrix, double scale) {
    for (double& v : matrix.values) v += scale * draw();
    return matrix;
}

} // namespace sampling

std::vector<Sample> Op::samples() const {
    sampling::random_bits = sampling::afresh();
    return make_samples();
}

} // namespace poseaug
