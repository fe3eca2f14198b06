#include "engine/cudnn.hpp"

#include "engine/matmul.hpp"
#include "engine/registry.hpp"
#include "kernels/network/ops.hpp"

#include <limits>

namespace poseaug {
namespace {

constexpr std::string_view kBatchNorm = "cudnn_batch_norm";

/// The op with no entries but these.
Op with_entries(Op op, const CudaEntries& cuda) {
    op.f32 = {{nullptr, cuda.f32.value.cuda}, {nullptr, cuda.f32.vjp.cuda}};
    op.f64 = {{nullptr, cuda.f64.value.cuda}, {nullptr, cuda.f64.vjp.cuda}};
    op.dual = nullptr;
    return op;
}

void batch_norm_shapes(const Attributes& attributes, const Shape* in, Shape* out) {
    const auto p = attributes.as<BatchNorm>();
    const Shape x = in[0];
    for (const int i : {1, 2}) expect_shape(kBatchNorm, i, in[i], {x.rows, 1});
    if (p.groups < 1 || x.cols % p.groups != 0)
        throw Error("cudnn_batch_norm: " + std::to_string(x.cols) + " columns do not divide into " +
                    std::to_string(p.groups) + " groups");
    if (!p.train || p.slope != 1 || p.dropout.rate != 0)
        throw Error("cudnn_batch_norm: is the norm alone, while training; use batch_norm for anything else");
    if (x.cols / p.groups < 2)
        throw Error("cudnn_batch_norm: a batch of " + std::to_string(x.cols / p.groups) +
                    " has no variance; training needs at least two");
    out[0] = x;
    out[1] = out[2] = {p.groups, x.rows};
}

/// Room for the gradients of weight and bias, which cuDNN computes whether they are wanted or not.
std::int64_t batch_norm_scratch(const Attributes&, const Shape* in) { return 2 * std::int64_t{in[0].rows}; }

Op make_batch_norm() {
    Op op;
    op.name = kBatchNorm;
    op.source = "Ioffe and Szegedy 2015, by cuDNN";
    op.inputs = 3;
    op.outputs = 3;
    op.states = 2;
    op.differentiable = 0b111;
    op.auxiliary = 0b110;
    op.saved_in = 0b011;
    op.saved_out = 0b110;
    op.shapes = batch_norm_shapes;
    op.scratch = batch_norm_scratch;
    op.flops = find_op(BatchNorm::name).flops;
    return with_entries(op, cudnn_batch_norm_entries());
}

Op make_convolution() {
    Op op = with_entries(matmul_op(), cudnn_convolution_entries());
    op.name = "cudnn_convolution";
    return op;
}

} // namespace

int cudnn_elements(std::string_view op, int rows, std::int64_t stride) {
    const std::int64_t elements = rows * stride;
    if (elements > std::numeric_limits<int>::max())
        throw Error(std::string(op) + ": cuDNN takes no tensor of " + std::to_string(elements) +
                    " elements; use --conv own or a smaller --batch");
    return static_cast<int>(elements);
}

const Op& cudnn_convolution_op() {
    static const Op op = make_convolution();
    return op;
}

const Op& cudnn_batch_norm_op() {
    static const Op op = make_batch_norm();
    return op;
}

} // namespace poseaug
