#include "kernels/network/dropout_mask.hpp"
#include "kernels/network/rows.hpp"
#include "kernels/sampling.hpp"

namespace poseaug {
namespace {

void dropout_shapes(const Attributes&, const Shape* in, Shape* out) {
    if (in[1].rows) expect_shape(Dropout::name, 1, in[1], in[0]);
    out[0] = in[0];
}

/// to (+)= from * mask
template <class T>
void apply_mask(Queue& queue, const Call<T>& call, const View<const T>& from, const View<T>& to, bool add) {
    const auto dropout = call.attributes.template as<Dropout>();
    for_rows(queue, from.rows, from.cols, [&](int r) {
        const DropoutRow<T> mask(dropout, call.in[1], r, from.cols);
        for_lanes<T>(0, from.cols, [&](int c, auto lanes) {
            using L = decltype(lanes);
            const auto v = L::load(from.row(r) + c) * L::load(mask.at(c));
            L::store(add ? L::load(to.row(r) + c) + v : v, to.row(r) + c);
        });
    });
}

struct DropoutValue {
    template <class T> static void run(Queue& queue, const Call<T>& call) {
        apply_mask<T>(queue, call, call.in[0], call.out[0], false);
    }
};

struct DropoutVjp {
    template <class T> static void run(Queue& queue, const Call<T>& call) {
        if (call.d_in[0]) apply_mask<T>(queue, call, call.d_out[0], call.d_in[0], call.adds(0));
    }
};

double dropout_flops(const Attributes&, const Shape* in, Direction, unsigned) { return elements(in[0]); }

std::vector<Sample> dropout_samples() {
    Sample::Matrix mask = sampling::filled(4, 37, 1);
    for (std::size_t i = 0; i < mask.values.size(); i += 3) mask.values[i] = 0;
    return {sample("random", Attributes::of(Dropout{0.25, {7, nullptr, 3}}), {sampling::normal(4, 270), {}}),
            sample("given mask", Attributes::of(Dropout{0.25, {}}), {sampling::normal(4, 37), mask})};
}

} // namespace

Op dropout_op() {
    Op op = network_op<Dropout, DropoutValue, DropoutVjp>("Srivastava et al. 2014, inverted", 2, 1);
    op.differentiable = 0b1;
    op.saved_in = 0b10;
    op.shapes = dropout_shapes;
    op.make_samples = dropout_samples;
    op.flops = dropout_flops;
    op.text = {"Dropout by random bits that the backward draws again.",
               "y = x * keep / (1 - rate),  keep = 1 with probability 1 - rate, else 0\n"
               "keep is the mask, or else by 16 bits of Philox4x32-10 of (seed, stream, step, element)",
               "Drawing a mask, writing it, the product and the scale; no mask is stored.",
               {{"x", "(R, C)"}, {"mask", "(R, C), optional"}},
               {{"y", "(R, C)"}},
               {}};
    return op;
}

} // namespace poseaug
