#include "kernels/elementary.hpp"
#include "kernels/network/rows.hpp"
#include "kernels/row_driver.hpp"
#include "kernels/sampling.hpp"

namespace poseaug {
namespace {

void activation_shapes(const Attributes&, const Shape* in, Shape* out) {
    if (in[1].rows) expect_shape(BiasActivation::name, 1, in[1], {in[0].rows, 1});
    if (in[2].rows) expect_shape(BiasActivation::name, 2, in[2], in[0]);
    out[0] = in[0];
}

struct ActivationValue {
    template <class T> static void run(Queue& queue, const Call<T>& call) {
        const auto slope = call.attributes.template as<BiasActivation>().slope;
        const auto &x = call.in[0], &bias = call.in[1], &residual = call.in[2];
        for_rows(queue, x.rows, x.cols, [&](int r) {
            const T shift = bias ? bias(r, 0) : T(0.0);
            for_lanes<T>(0, x.cols, [&](int c, auto lanes) {
                using L = decltype(lanes);
                using P = typename L::type;
                P v = L::load(x.row(r) + c) + P(shift);
                if (residual) v += L::load(residual.row(r) + c);
                L::store(select(v > lit<P>(0), v, v * lit<P>(slope)), call.out[0].row(r) + c);
            });
        });
    }
};

struct ActivationVjp {
    template <class T> static void run(Queue& queue, const Call<T>& call) {
        const auto slope = call.attributes.template as<BiasActivation>().slope;
        const auto& y = call.out[0];
        const auto& d_y = call.d_out[0];
        for_rows(queue, y.rows, y.cols, [&](int r) {
            const auto d_before = [&](int c, auto lanes) {
                using L = decltype(lanes);
                using P = typename L::type;
                const P d = L::load(d_y.row(r) + c);
                return P(select(L::load(y.row(r) + c) > lit<P>(0), d, d * lit<P>(slope)));
            };
            for (const int i : {0, 2}) {
                const auto& d_x = call.d_in[i];
                if (!d_x) continue;
                for_lanes<T>(0, y.cols, [&](int c, auto lanes) {
                    using L = decltype(lanes);
                    const auto d = d_before(c, lanes);
                    L::store(call.adds(i) ? L::load(d_x.row(r) + c) + d : d, d_x.row(r) + c);
                });
            }
            if (call.d_in[1]) {
                const T sum = sum_over<T>(0, y.cols, d_before);
                T& d_bias = call.d_in[1](r, 0);
                d_bias = call.adds(1) ? d_bias + sum : sum;
            }
        });
    }
};

double activation_flops(const Attributes& attributes, const Shape* in, Direction direction, unsigned wanted) {
    const int sloped = attributes.as<BiasActivation>().slope == 1 ? 0 : 1;
    const int added = (in[1].rows ? 1 : 0) + (in[2].rows ? 1 : 0), summed = wanted >> 1 & 1;
    return elements(in[0]) * (sloped + (direction == Direction::value ? added : summed));
}

std::vector<Sample> activation_samples() {
    using sampling::normal;
    std::vector<Sample> all;
    for (const double slope : {1.0, 0.0, 0.01})
        all.push_back(sample(slope == 1   ? "add"
                             : slope == 0 ? "relu"
                                          : "leaky relu",
                             Attributes::of(BiasActivation{slope}), {normal(5, 37), normal(5, 1), normal(5, 37)}));
    all.push_back(sample("no bias, no residual", Attributes::of(BiasActivation{0.01}), {normal(3, 8), {}, {}}));
    all.push_back(kink("an argument of zero counts as negative: the gradient is slope times what arrives",
                       Attributes::of(BiasActivation{0.0}), {sampling::filled(3, 8, 0.0), {}, {}}));
    return all;
}

void same_shape(const Attributes&, const Shape* in, Shape* out) { out[0] = in[0]; }

struct TanhValue {
    template <class T> static void run(Queue& queue, const Call<T>& call) {
        const auto& x = call.in[0];
        for_rows(queue, x.rows, x.cols, [&](int r) {
            for_lanes<T>(0, x.cols, [&](int c, auto lanes) {
                using L = decltype(lanes);
                L::store(tanh_of(L::load(x.row(r) + c)), call.out[0].row(r) + c);
            });
        });
    }
};

struct TanhVjp {
    template <class T> static void run(Queue& queue, const Call<T>& call) {
        const auto& y = call.out[0];
        for_rows(queue, y.rows, y.cols, [&](int r) {
            for (int c = 0; c < y.cols; ++c) {
                const T d = call.d_out[0](r, c) * (T(1) - y(r, c) * y(r, c));
                T& d_x = call.d_in[0](r, c);
                d_x = call.adds(0) ? d_x + d : d;
            }
        });
    }
};

double tanh_flops(const Attributes&, const Shape* in, Direction direction, unsigned) {
    return elements(in[0]) * (direction == Direction::value ? 1 : 3);
}

std::vector<Sample> tanh_samples() {
    return {sample("normal", {}, {sampling::normal(4, 35)}),
            singular("far in the tails: the gradient vanishes", {}, {sampling::normal(3, 9, 20.0)})};
}

} // namespace

Op bias_activation_op() {
    Op op = network_op<BiasActivation, ActivationValue, ActivationVjp>("PoseAug reference, linear + leaky_relu", 3, 1);
    op.differentiable = 0b111;
    op.saved_out = 0b1;
    op.shapes = activation_shapes;
    op.make_samples = activation_samples;
    op.flops = activation_flops;
    op.text = {
        "Bias, residual and leaky ReLU of a dense layer.",
        "y = f(x + bias + residual)\n"
        "f(v) = v where v > 0, else slope * v;  slope 1: the identity, 0: ReLU",
        "Adding the bias, adding the residual and the activation; backward, the sum that is the bias's gradient.",
        {{"x", "(R, C)"}, {"bias", "(R, 1), optional"}, {"residual", "(R, C), optional"}},
        {{"y", "(R, C)"}},
        {}};
    return op;
}

Op tanh_op() {
    Op op = network_op<Tanh, TanhValue, TanhVjp>("hyperbolic tangent", 1, 1);
    op.differentiable = 0b1;
    op.saved_out = 0b1;
    op.shapes = same_shape;
    op.make_samples = tanh_samples;
    op.flops = tanh_flops;
    op.text = {"Hyperbolic tangent, element by element.",
               "y = tanh(x);  backward from y: d_x = d_y * (1 - y^2)",
               "Nothing: pose ops have their own tanh within.",
               {{"x", "(R, C)"}},
               {{"y", "(R, C)"}},
               {}};
    return op;
}

} // namespace poseaug
