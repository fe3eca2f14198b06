#include "engine/matmul.hpp"

#include "engine/products.hpp"
#include "kernels/sampling.hpp"

namespace poseaug {
namespace {

template <class T> void matmul_value(Queue& queue, const Call<T>& call) {
    const Transpose tw = call.attributes.template as<MatMul>().transpose_weight ? Transpose::yes : Transpose::no;
    multiply<T>(queue, {{tw, Transpose::no, call.in[0], call.in[1], T(0.0), call.out[0]}});
}

template <class T> void matmul_vjp(Queue& queue, const Call<T>& call) {
    const bool transposed = call.attributes.template as<MatMul>().transpose_weight != 0;
    const auto &w = call.in[0], &x = call.in[1], &d_y = call.d_out[0];
    const auto beta = [&](int i) { return call.adds(i) ? T(1) : T(0); };
    std::vector<Product<T>> products;
    if (call.d_in[0])
        products.push_back(
            {Transpose::no, Transpose::yes, transposed ? x : d_y, transposed ? d_y : x, beta(0), call.d_in[0]});
    if (call.d_in[1])
        products.push_back({transposed ? Transpose::no : Transpose::yes, Transpose::no, w, d_y, beta(1), call.d_in[1]});
    multiply(queue, products);
}

void matmul_shapes(const Attributes& attributes, const Shape* in, Shape* out) {
    const bool transposed = attributes.as<MatMul>().transpose_weight != 0;
    expect_shape(MatMul::name, 1, in[1], {transposed ? in[0].rows : in[0].cols, -1});
    out[0] = {transposed ? in[0].cols : in[0].rows, in[1].cols};
}

double matmul_flops(const Attributes&, const Shape* in, Direction direction, unsigned wanted) {
    const double product = 2.0 * in[0].rows * in[0].cols * in[1].cols;
    return direction == Direction::value ? product : product * static_cast<double>((wanted & 1U) + (wanted >> 1 & 1U));
}

std::vector<Sample> matmul_samples() {
    using sampling::normal;
    const Attributes transposed = Attributes::of(MatMul{1});
    return {sample("wide", {}, {normal(7, 12), normal(12, 37)}), sample("tall", {}, {normal(65, 5), normal(5, 3)}),
            sample("split over threads", {}, {normal(300, 40), normal(40, 270)}),
            sample("transposed, wide", transposed, {normal(12, 7), normal(12, 37)}),
            sample("transposed, split over threads", transposed, {normal(40, 300), normal(40, 270)})};
}

} // namespace

Op matmul_op() {
    Op op;
    op.name = MatMul::name;
    op.source = "matrix product";
    op.inputs = 2;
    op.outputs = 1;
    op.differentiable = 0b11;
    op.saved_in = 0b11;
    op.separate = 0b11;
    op.shapes = matmul_shapes;
    const CudaEntries cuda = matmul_cuda_entries();
    op.f32 = {{matmul_value<float>, cuda.f32.value.cuda}, {matmul_vjp<float>, cuda.f32.vjp.cuda}};
    op.f64 = {{matmul_value<double>, cuda.f64.value.cuda}, {matmul_vjp<double>, cuda.f64.vjp.cuda}};
    op.dual = matmul_value<Dual<double>>;
    op.make_samples = matmul_samples;
    op.flops = matmul_flops;
    op.text = {
        "The matrix product: a dense layer, or a convolution of width 1.",
        "y = w x, or w' x with transpose_weight",
        "Nothing: it is BLAS's product, on the CPU split into the same pieces for any number of threads; but for a few "
        "columns of a single pose's nodes, which the CPU multiplies by weights that it reads in place.",
        {{"w", "(M, K)"}, {"x", "(K, C)"}},
        {{"y", "(M, C)"}},
        {}};
    return op;
}

} // namespace poseaug
