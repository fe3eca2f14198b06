#include "kernels/network/dropout_mask.hpp"
#include "kernels/network/rows.hpp"
#include "kernels/sampling.hpp"

#include <cmath>
#include <optional>

namespace poseaug {
namespace {

enum In { kX, kWeight, kBias, kLinearBias, kResidual, kMask };
enum Out { kY, kMean, kInverseStd };

void batch_norm_shapes(const Attributes& attributes, const Shape* in, Shape* out) {
    const auto p = attributes.as<BatchNorm>();
    const Shape x = in[kX];
    for (const int i : {kWeight, kBias}) expect_shape(BatchNorm::name, i, in[i], {x.rows, 1});
    if (in[kLinearBias].rows) expect_shape(BatchNorm::name, kLinearBias, in[kLinearBias], {x.rows, 1});
    if (in[kResidual].rows) expect_shape(BatchNorm::name, kResidual, in[kResidual], x);
    if (in[kMask].rows) expect_shape(BatchNorm::name, kMask, in[kMask], x);
    if (p.groups < 1 || x.cols % p.groups != 0)
        throw Error("batch_norm: " + std::to_string(x.cols) + " columns do not divide into " +
                    std::to_string(p.groups) + " groups");
    if (p.train && x.cols / p.groups < 2)
        throw Error("batch_norm: a batch of " + std::to_string(x.cols / p.groups) +
                    " has no variance; training needs at least two");
    out[kY] = x;
    out[kMean] = out[kInverseStd] = {x.rows, p.groups};
}

/// Mean and 1/std of the columns [begin, end) of row r, from the row itself or the running statistics, which move.
template <class T> struct Statistics {
    T mean, inverse_std;

    Statistics(const BatchNorm& p, const Call<T>& call, int r, int begin, int end) {
        using std::sqrt;
        T& running_mean = call.state[0](r, 0);
        T& running_variance = call.state[1](r, 0);
        const T shift = call.in[kLinearBias] ? call.in[kLinearBias](r, 0) : T(0.0);
        if (!p.train) {
            mean = running_mean - shift;
            inverse_std = T(1.0) / sqrt(running_variance + T(p.eps));
            return;
        }
        const T* x = call.in[kX].row(r);
        const T n = T(static_cast<double>(end - begin));
        mean = sum_over<T>(begin, end, [&](int c, auto lanes) { return decltype(lanes)::load(x + c); }) / n;
        const T square = sum_over<T>(begin, end, [&](int c, auto lanes) {
            using L = decltype(lanes);
            const typename L::type d = L::load(x + c) - typename L::type(mean);
            return typename L::type(d * d);
        });
        inverse_std = T(1.0) / sqrt(square / n + T(p.eps));
        const T m = T(p.momentum);
        running_mean = running_mean + m * (mean + shift - running_mean);
        running_variance = running_variance + m * (square / (n - T(1.0)) - running_variance);
    }
};

template <class T> std::optional<DropoutRow<T>> mask_row(const BatchNorm& p, const Call<T>& call, int r) {
    if (!p.train || p.dropout.rate == 0) return std::nullopt;
    return DropoutRow<T>(p.dropout, call.in[kMask], r, call.in[kX].cols);
}

/// Columns to go over in an evaluation, whose columns have nothing to do with each other: whole packs, with the padding
/// of activations.
template <class T> int evaluated_columns(const Call<T>& call) {
    constexpr int width = lanes_of<T>::width;
    const auto& x = call.in[kX];
    const int whole = (x.cols + width - 1) / width * width;
    const auto padded = [&](const auto& view) { return !view || view.stride >= whole; };
    return padded(x) && padded(call.in[kResidual]) && padded(call.out[kY]) ? whole : x.cols;
}

struct BatchNormValue {
    template <class T> static void run(Queue& queue, const Call<T>& call) {
        const auto p = call.attributes.template as<BatchNorm>();
        const auto& x = call.in[kX];
        const int width = p.train || p.groups > 1 ? x.cols / p.groups : evaluated_columns(call);
        for_rows(queue, x.rows, x.cols, [&](int r) {
            const auto mask = mask_row(p, call, r);
            for (int g = 0; g < p.groups; ++g) {
                const Statistics<T> s(p, call, r, g * width, (g + 1) * width);
                call.out[kMean](r, g) = s.mean;
                call.out[kInverseStd](r, g) = s.inverse_std;
                const T scale = call.in[kWeight](r, 0) * s.inverse_std;
                const T shift = call.in[kBias](r, 0) - s.mean * scale;
                for_lanes<T>(g * width, (g + 1) * width, [&](int c, auto lanes) {
                    using L = decltype(lanes);
                    using P = typename L::type;
                    P v = L::load(x.row(r) + c) * P(scale) + P(shift);
                    v = select(v > lit<P>(0), v, v * lit<P>(p.slope));
                    if (mask) v *= L::load(mask->at(c));
                    if (call.in[kResidual]) v += L::load(call.in[kResidual].row(r) + c);
                    L::store(v, call.out[kY].row(r) + c);
                });
            }
        });
    }
};

struct BatchNormVjp {
    template <class T> static void run(Queue& queue, const Call<T>& call) {
        const auto p = call.attributes.template as<BatchNorm>();
        const auto& x = call.in[kX];
        for_rows(queue, x.rows, x.cols, [&](int r) {
            row_vjp(p, call, r);
            if (const auto& d = call.d_in[kResidual])
                for_lanes<T>(0, x.cols, [&](int c, auto lanes) {
                    using L = decltype(lanes);
                    const auto v = L::load(call.d_out[kY].row(r) + c);
                    L::store(call.adds(kResidual) ? L::load(d.row(r) + c) + v : v, d.row(r) + c);
                });
        });
    }

private:
    template <class T> static void row_vjp(const BatchNorm& p, const Call<T>& call, int r) {
        const auto& x = call.in[kX];
        const auto& d_x = call.d_in[kX];
        const auto mask = mask_row(p, call, r);
        const int width = x.cols / p.groups;
        T d_weight = T(0.0), d_bias = T(0.0), d_linear_bias = T(0.0);
        for (int g = 0; g < p.groups; ++g) {
            const int begin = g * width, end = begin + width;
            const T mean = call.out[kMean](r, g), inverse_std = call.out[kInverseStd](r, g);
            const T weight = call.in[kWeight](r, 0), bias = call.in[kBias](r, 0);
            const auto normalised = [&]<class L>(int c, L) {
                using P = typename L::type;
                return P((L::load(x.row(r) + c) - P(mean)) * P(inverse_std));
            };
            const auto d_norm = [&]<class L>(int c, L lanes) { // gradient of what the norm returned
                using P = typename L::type;
                P d = L::load(call.d_out[kY].row(r) + c);
                if (mask) d *= L::load(mask->at(c));
                return P(select(normalised(c, lanes) * P(weight) + P(bias) > lit<P>(0), d, d * lit<P>(p.slope)));
            };
            const T sum = sum_over<T>(begin, end, d_norm);
            const T dot = sum_over<T>(begin, end, [&](int c, auto lanes) {
                return typename decltype(lanes)::type(d_norm(c, lanes) * normalised(c, lanes));
            });
            d_bias += sum;
            d_weight += dot;
            if (!p.train) d_linear_bias += sum * weight * inverse_std;
            if (!d_x) continue;
            const T n = T(static_cast<double>(width));
            const T mean_d = p.train ? sum / n : T(0.0), mean_dot = p.train ? dot / n : T(0.0);
            for_lanes<T>(begin, end, [&](int c, auto lanes) {
                using L = decltype(lanes);
                using P = typename L::type;
                P v = (d_norm(c, lanes) - P(mean_d) - normalised(c, lanes) * P(mean_dot)) * P(weight * inverse_std);
                if (call.adds(kX)) v += L::load(d_x.row(r) + c);
                L::store(v, d_x.row(r) + c);
            });
        }
        add(call, kWeight, r, d_weight);
        add(call, kBias, r, d_bias);
        add(call, kLinearBias, r, d_linear_bias);
    }
    template <class T> static void add(const Call<T>& call, int i, int r, T value) {
        if (!call.d_in[i]) return;
        T& d = call.d_in[i](r, 0);
        d = call.adds(i) ? d + value : value;
    }
};

/// What is done once a row is left out. A training's statistics take four operations an element, and so does what they
/// add to the gradient of x; the backward makes the normalised value again, and with it the sign that f went by.
double batch_norm_flops(const Attributes& attributes, const Shape* in, Direction direction, unsigned wanted) {
    const auto p = attributes.as<BatchNorm>();
    const int dropped = p.train && p.dropout.rate > 0 ? 1 : 0;
    if (direction == Direction::value)
        return elements(in[kX]) *
               ((p.train ? 4 : 0) + 2 + (p.slope == 1 ? 0 : 1) + dropped + (in[kResidual].rows ? 1 : 0));
    const int before_norm = dropped + (p.slope == 1 ? 0 : 3), sums = 2 + 3;
    const int of_x = wanted >> kX & 1U ? (p.train ? 4 : 1) : 0;
    return elements(in[kX]) * (before_norm + sums + of_x);
}

std::vector<Sample> batch_norm_samples() {
    using sampling::filled;
    using sampling::normal;
    constexpr int rows = 5, cols = 38;
    std::vector<Sample> all;
    const auto put = [&](std::string label, const BatchNorm& p, bool residual, bool mask) {
        Sample::Matrix keep;
        if (mask) keep = filled(rows, cols, 1);
        for (std::size_t i = 0; i < keep.values.size(); i += 3) keep.values[i] = 0;
        Sample s = sample(std::move(label), Attributes::of(p),
                          {normal(rows, cols, 2, 1), normal(rows, 1, 0.2, 1), normal(rows, 1), normal(rows, 1),
                           residual ? normal(rows, cols) : Sample::Matrix{}, keep});
        s.state = {normal(rows, 1), filled(rows, 1, 1.5)};
        s.tolerance = 1e-11;
        all.push_back(std::move(s));
    };
    put("training", {}, false, false);
    put("training, leaky relu", {.slope = 0.01}, false, false);
    put("training, relu, two groups, residual", {.slope = 0, .groups = 2}, true, false);
    put("training, relu, dropout, residual", {.slope = 0, .dropout = {0.25, {5, nullptr, 2}}}, true, false);
    put("training, given mask", {.slope = 0, .groups = 2, .dropout = {0.5, {}}}, false, true);
    put("evaluation, relu", {.slope = 0, .train = 0}, true, false);
    Sample constant = all[0];
    constant.label = "a row without variance: 1/std is 1/sqrt(eps), value and gradient are finite";
    constant.in[kX] = filled(rows, cols, 3);
    constant.singular = true;
    constant.smooth = false; // 1/std is 1/sqrt(eps): central differences leave the linear range
    all.push_back(constant);
    return all;
}

} // namespace

Op batch_norm_op() {
    Op op =
        network_op<BatchNorm, BatchNormValue, BatchNormVjp>("Ioffe and Szegedy 2015, with what follows it fused", 6, 3);
    op.states = 2;
    op.differentiable = 0b011111;
    op.auxiliary = 0b110;
    op.saved_in = 0b100111;
    op.saved_out = 0b110;
    op.shapes = batch_norm_shapes;
    op.make_samples = batch_norm_samples;
    op.flops = batch_norm_flops;
    op.text = {"Batch norm over a row, with the activation, dropout and skip connection that follow it.",
               "y = dropout(f(weight * (x - mean) / sqrt(var + eps) + bias)) + residual\n"
               "f(v) = v where v > 0, else slope * v\n"
               "training: mean and var of each group of columns; running += momentum * (its own - running)\n"
               "evaluation: the running ones; linear_bias moves the mean alone, since it cancels in training",
               "Two reductions, the normalisation, the bias of the product before, activation, drawing and applying a "
               "mask, and the sum; x and the statistics are all that the backward keeps.",
               {{"x", "(R, C)"},
                {"weight", "(R, 1)"},
                {"bias", "(R, 1)"},
                {"linear_bias", "(R, 1), optional"},
                {"residual", "(R, C), optional"},
                {"mask", "(R, C), optional"}},
               {{"y", "(R, C)"}, {"mean", "(R, groups)"}, {"inverse_std", "(R, groups)"}},
               {{"running_mean", "(R, 1)"}, {"running_variance", "(R, 1)"}}};
    return op;
}

} // namespace poseaug
