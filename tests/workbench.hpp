#pragma once
#include "engine/tape.hpp"
#include "tests/support.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

namespace poseaug::test {

/// What a test needs to run calls on a device. Matrices are given and read row by row.
template <class T> struct Workbench {
    Device& device;
    Stream<T> stream{device};
    Arena arena{device, std::size_t{1} << 20};

    explicit Workbench(Device& on) : device(on) {}

    View<T> put(int rows, int cols, const std::vector<double>& values) {
        const View<T> view = arena.matrix<T>(rows, cols);
        for (int r = 0; r < rows; ++r) {
            const auto from = values.begin() + static_cast<std::ptrdiff_t>(r) * cols;
            const std::vector<T> row(from, from + cols);
            device.upload(view.row(r), row.data(), row.size() * sizeof(T));
        }
        return view;
    }
    View<T> put(const Sample::Matrix& m) { return put(m.rows, m.cols, m.values); }
    View<T> filled(int rows, int cols, double value) {
        return put(rows, cols,
                   std::vector<double>(static_cast<std::size_t>(rows) * static_cast<std::size_t>(cols), value));
    }
    View<T> normal(int rows, int cols, unsigned seed, double scale = 1.0) {
        std::mt19937 random(seed);
        std::normal_distribution<double> draw(0.0, scale);
        std::vector<double> values(static_cast<std::size_t>(rows) * static_cast<std::size_t>(cols));
        for (double& v : values) v = draw(random);
        return put(rows, cols, values);
    }
    template <class V> std::vector<double> get(const View<V>& view) {
        std::vector<double> values;
        std::vector<T> row(static_cast<std::size_t>(view.cols));
        for (int r = 0; r < view.rows; ++r) {
            device.download(row.data(), view.row(r), row.size() * sizeof(T));
            values.insert(values.end(), row.begin(), row.end());
        }
        return values;
    }
    /// Runs an op forward by hand.
    std::vector<View<T>> run(const Op& op, const Attributes& attributes, const std::vector<View<T>>& inputs,
                             const std::vector<View<T>>& states = {}) {
        Call<T> call;
        call.attributes = attributes;
        Shape in[kMaxInputs], out[kMaxOutputs];
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            call.in[i] = inputs[i];
            in[i] = inputs[i].shape();
        }
        std::copy(states.begin(), states.end(), call.state);
        op.shapes(attributes, in, out);
        std::vector<View<T>> outputs;
        for (int k = 0; k < op.outputs; ++k) outputs.push_back(call.out[k] = arena.matrix<T>(out[k].rows, out[k].cols));
        if (op.scratch) call.scratch = arena.matrix<T>(1, static_cast<int>(op.scratch(attributes, in))).data;
        stream.run(op, Direction::value, call);
        return outputs;
    }
};

/// The message of the Error that `f` throws; empty if it throws none.
template <class F> std::string error_of(const F& f) {
    try {
        f();
    } catch (const Error& error) {
        return error.what();
    }
    return {};
}

inline bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

inline double largest_difference(const std::vector<double>& a, const std::vector<double>& b) {
    REQUIRE(a.size() == b.size());
    double worst = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const double d = std::abs(a[i] - b[i]);
        if (std::isnan(d) || d > worst) worst = d; // a NaN is kept
    }
    return worst;
}

} // namespace poseaug::test
