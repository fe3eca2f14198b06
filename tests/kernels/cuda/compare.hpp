#pragma once
#include "kernels/cuda/block/host_runner.hpp"
#include "kernels/op.hpp"
#include "kernels/step/procedures.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <list>
#include <random>
#include <string>
#include <vector>

namespace poseaug::testing {

/// Batch sizes around the widths of warps, blocks and tiles.
inline const std::vector<int> kBatches = {2, 31, 32, 33, 1000, 1023, 1024, 1025, 4097};

/// A call with memory of its own. Two made alike hold the same numbers.
template <class T> class OwnCall {
public:
    explicit OwnCall(unsigned seed) : random_(seed) {}
    OwnCall(const OwnCall&) = delete;

    /// Normal numbers, in padded rows; nothing for no rows.
    View<T> normal(Shape shape) {
        if (shape.rows == 0) return {};
        const View<T> view = empty(shape);
        std::normal_distribution<double> draw;
        for (int r = 0; r < view.rows; ++r)
            for (int c = 0; c < view.cols; ++c) view(r, c) = static_cast<T>(draw(random_));
        return view;
    }
    /// Zeros and ones.
    View<T> coins(Shape shape) {
        const View<T> view = normal(shape);
        for (int r = 0; r < view.rows; ++r)
            for (int c = 0; c < view.cols; ++c) view(r, c) = T(view(r, c) > T(0.3) ? 0 : 1);
        return view;
    }
    /// Numbers of at least a half.
    View<T> positive(Shape shape) {
        const View<T> view = normal(shape);
        for (int r = 0; r < view.rows; ++r)
            for (int c = 0; c < view.cols; ++c) view(r, c) = T(0.5) + std::abs(view(r, c));
        return view;
    }
    View<T> empty(Shape shape) {
        const std::int64_t stride = padded_stride<T>(shape.cols);
        memory_.emplace_back(static_cast<std::size_t>(shape.rows) * static_cast<std::size_t>(stride));
        return {memory_.back().data(), shape.rows, shape.cols, stride};
    }
    void make_scratch(std::int64_t count) {
        memory_.emplace_back(static_cast<std::size_t>(count));
        call.scratch = memory_.back().data();
    }

    Call<T> call;

private:
    std::list<std::vector<T>> memory_;
    std::mt19937 random_;
};

/// The largest difference of two matrices, relative to one plus the expected element.
template <class T> double difference(const View<T>& found, const View<T>& expected) {
    double worst = 0;
    for (int r = 0; r < expected.rows; ++r)
        for (int c = 0; c < expected.cols; ++c) {
            const auto e = static_cast<double>(expected(r, c));
            const double d = std::abs(static_cast<double>(found(r, c)) - e) / (1 + std::abs(e));
            if (!(d <= worst)) worst = d;
        }
    return worst;
}

inline Queue host_queue() {
    static ThreadPool pool(2);
    Queue queue;
    queue.pool = &pool;
    return queue;
}

template <class T> constexpr double tolerance = std::is_same_v<T, float> ? 3e-5 : 1e-11;

/// One use of an op on two sides: its entries for the CPU, and its GPU kernels `K` on the host runner.
/// `prepare(OwnCall&)` gives attributes, inputs and states, and leaves absent what is absent.
template <class K, class T> class OpPair {
public:
    template <class F>
    OpPair(const Op& op, std::string label, const F& prepare) : op_(op), label_(std::string(op.name) + ", " + label) {
        for (OwnCall<T>* side : {&expected_, &found_}) {
            prepare(*side);
            Shape in[kMaxInputs];
            for (int i = 0; i < op.inputs; ++i) {
                in[i] = side->call.in[i].shape();
            }
            op.shapes(side->call.attributes, in, out_);
            for (int j = 0; j < op.outputs; ++j) side->call.out[j] = side->empty(out_[j]);
            if (op.scratch) side->make_scratch(op.scratch(side->call.attributes, in));
        }
    }

    void check_value() {
        Queue queue = host_queue();
        op_.entries<T>().value.cpu(queue, expected_.call);
        HostRunner launch(1);
        K::value(launch, found_.call);
        for (int j = 0; j < op_.outputs; ++j) expect("output", j, found_.call.out[j], expected_.call.out[j]);
        for (int k = 0; k < op_.states; ++k) expect("state", k, found_.call.state[k], expected_.call.state[k]);
    }
    /// Gradients of all differentiable inputs, or of those in `wanted`, added to what `accumulate` says.
    void check_vjp(unsigned accumulate, unsigned wanted = ~0U) {
        Queue queue = host_queue();
        for (OwnCall<T>* side : {&expected_, &found_}) {
            Call<T>& call = side->call;
            op_.entries<T>().value.cpu(queue, call);
            for (int j = 0; j < op_.outputs; ++j) call.d_out[j] = side->normal(out_[j]);
            for (int i = 0; i < op_.inputs; ++i)
                call.d_in[i] = (op_.differentiable & wanted) >> i & 1U ? side->normal(call.in[i].shape()) : View<T>{};
            call.accumulate = accumulate;
        }
        op_.entries<T>().vjp.cpu(queue, expected_.call);
        HostRunner launch(2);
        K::vjp(launch, found_.call);
        for (int i = 0; i < op_.inputs; ++i)
            if (expected_.call.d_in[i]) expect("gradient", i, found_.call.d_in[i], expected_.call.d_in[i]);
    }

private:
    void expect(const char* what, int index, const View<T>& found, const View<T>& expected) const {
        const double worst = difference(found, expected);
        CHECK_MESSAGE(worst <= tolerance<T>, label_, ": ", what, " ", index, " is off by ", worst);
    }

    const Op& op_;
    std::string label_;
    OwnCall<T> expected_{17}, found_{17};
    Shape out_[kMaxOutputs];
};

} // namespace poseaug::testing
