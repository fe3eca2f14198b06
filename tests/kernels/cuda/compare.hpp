#pragma once
#include "kernels/cuda/block/host_runner.hpp"
#include "kernels/op.hpp"
#include "kernels/step/procedures.hpp"
#include "tests/kernels/cuda/sparse_memory.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <list>
#include <random>
#include <string>
#include <vector>

namespace poseaug::testing {

/// Batch sizes around the widths of warps, blocks and tiles.
inline const std::vector<int> kBatches = {2, 31, 32, 33, 1000, 1023, 1024, 1025, 4097},
                              kSmallBatches = {1, 2, 31, 32, 33}, kLargeBatches = {1000, 1023, 1024, 1025, 4097};

/// How far apart the rows of matrices lie: by their padding, or so far that the last begins more than 2^32 elements
/// behind the first.
enum class Spacing { padded, far };

/// A call with memory of its own: each matrix is an allocation of exactly its padded size, so that AddressSanitizer sees
/// what goes beyond. What is not given is NaN. Two made alike hold the same numbers.
template <class T> class OwnCall {
public:
    explicit OwnCall(unsigned seed, Spacing spacing = Spacing::padded) : random_(seed), spacing_(spacing) {}
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
        if (spacing_ == Spacing::far && shape.rows > 1) return empty_far(shape);
        const std::int64_t stride = padded_stride<T>(shape.cols);
        return {dense(shape.rows * stride), shape.rows, shape.cols, stride};
    }
    /// `count` elements without padding.
    T* dense(std::int64_t count) {
        memory_.emplace_back(static_cast<std::size_t>(count), kNothing);
        return memory_.back().data();
    }
    void make_scratch(std::int64_t count) { call.scratch = dense(count); }

    Call<T> call;

private:
    static constexpr T kNothing = std::numeric_limits<T>::quiet_NaN();

    View<T> empty_far(Shape shape) {
        const std::int64_t far = (std::int64_t{1} << 32) / (shape.rows - 1) + 1, padded = padded_stride<T>(shape.cols);
        const std::int64_t stride = (far + padded) / padded * padded;
        far_.emplace_back(static_cast<std::size_t>((shape.rows - 1) * stride + padded) * sizeof(T));
        const View<T> view{static_cast<T*>(far_.back().data()), shape.rows, shape.cols, stride};
        for (int r = 0; r < shape.rows; ++r) std::fill(view.row(r), view.row(r) + padded, kNothing);
        return view;
    }

    std::list<std::vector<T>> memory_;
    std::list<SparseMemory> far_;
    std::mt19937 random_;
    Spacing spacing_;
};

/// The largest difference of two matrices, relative to one plus the expected element.
template <class T> double difference(const View<T>& found, const View<T>& expected) {
    double worst = 0;
    for (int r = 0; r < expected.rows; ++r)
        for (int c = 0; c < expected.cols; ++c) {
            const auto e = static_cast<double>(expected(r, c));
            const double d = std::abs(static_cast<double>(found(r, c)) - e) / (1 + std::abs(e));
            if (std::isnan(d) || d > worst) worst = d; // a NaN is kept
        }
    return worst;
}

inline Queue host_queue() {
    static ThreadPool pool(2);
    Queue queue;
    queue.pool = &pool;
    return queue;
}

template <class T> constexpr double tolerance = std::is_same_v<T, float> ? 1e-4 : 1e-11;

/// One use of an op on two sides: its entries for the CPU, and its GPU kernels `K` on the host runner.
/// `prepare(OwnCall&)` gives attributes, inputs and states, and leaves absent what is absent.
template <class K, class T> class OpPair {
public:
    template <class F>
    OpPair(const Op& op, const std::string& label, const F& prepare, Spacing spacing = Spacing::padded)
        : op_(op), label_(std::string(op.name) + ", " + label), expected_(17, spacing), found_(17, spacing) {
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
    /// Gradients of all differentiable inputs, or of those in `wanted`, added to what `accumulate` says. A loss writes
    /// them with its value.
    void check_vjp(unsigned accumulate, unsigned wanted = ~0U) {
        Queue queue = host_queue();
        const bool loss = op_.weight != nullptr;
        for (OwnCall<T>* side : {&expected_, &found_}) {
            Call<T>& call = side->call;
            if (!loss) op_.entries<T>().value.cpu(queue, call);
            for (int j = 0; j < op_.outputs; ++j) call.d_out[j] = side->normal(out_[j]);
            for (int i = 0; i < op_.inputs; ++i)
                call.d_in[i] = (op_.differentiable & wanted) >> i & 1U ? side->normal(call.in[i].shape()) : View<T>{};
            call.accumulate = accumulate;
        }
        op_.entries<T>().of(loss ? Direction::value : Direction::vjp).cpu(queue, expected_.call);
        HostRunner launch(2);
        if constexpr (requires { K::vjp(launch, found_.call); }) K::vjp(launch, found_.call);
        else K::value(launch, found_.call);
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
    OwnCall<T> expected_, found_;
    Shape out_[kMaxOutputs];
};

} // namespace poseaug::testing
