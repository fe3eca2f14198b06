#include "engine/cuda/dnn_handle.hpp"
#include "engine/cudnn.hpp"
#include "kernels/network/ops.hpp"

#include <type_traits>

namespace poseaug {
namespace {

using cuda::check;

constexpr const char* kName = "cudnn_batch_norm";

enum In { kX, kWeight, kBias };
enum Out { kY, kMean, kInverseStd };

template <class T> constexpr cudnnDataType_t type_of() {
    return std::is_same_v<T, float> ? CUDNN_DATA_FLOAT : CUDNN_DATA_DOUBLE;
}

template <class V> auto* column(const View<V>& view) {
    if (view.rows > 1 && view.stride != 1)
        throw Error("cudnn_batch_norm: weight, bias, their gradients and the states must have no padding");
    return view.data;
}

/// The descriptors of a group of columns, and of what there is one of for each row.
template <class T> struct Group {
    cuda::TensorDescriptor pixels, channels;
    int width;

    template <class X> Group(const BatchNorm& p, const View<X>& x) : width(x.cols / p.groups) {
        const int elements = cudnn_elements(kName, x.rows, x.stride), stride = static_cast<int>(x.stride);
        check(cudnnSetTensor4dDescriptorEx(pixels, type_of<T>(), 1, x.rows, 1, width, elements, stride, width, 1),
              kName);
        check(cudnnDeriveBNTensorDescriptor(channels, pixels, CUDNN_BATCHNORM_SPATIAL), kName);
    }
};

cudnnHandle_t handle_of(const Queue& queue) {
    if (!queue.dnn) throw Error("cudnn_batch_norm: this device was opened without cuDNN");
    return static_cast<const cuda::DnnHandle*>(queue.dnn)->get();
}

template <class T> void value(Queue& queue, const Call<T>& call) {
    const auto p = call.attributes.template as<BatchNorm>();
    const auto& x = call.in[kX];
    const auto& y = call.out[kY];
    const Group<T> group(p, x);
    if (y.stride != x.stride) throw Error("cudnn_batch_norm: input and output differ in padding");
    const T one = 1, zero = 0;
    for (int g = 0; g < p.groups; ++g)
        check(cudnnBatchNormalizationForwardTraining(
                  handle_of(queue), CUDNN_BATCHNORM_SPATIAL, &one, &zero, group.pixels, x.data + g * group.width,
                  group.pixels, y.data + g * group.width, group.channels, column(call.in[kWeight]),
                  column(call.in[kBias]), p.momentum, column(call.state[0]), column(call.state[1]), p.eps,
                  call.out[kMean].row(g), call.out[kInverseStd].row(g)),
              kName);
}

/// Where the gradients of weight and bias go, and whether they are added there.
template <class T> struct ParameterGradients {
    T *weight, *bias;
    bool add;

    explicit ParameterGradients(const Call<T>& call) {
        const auto &d_weight = call.d_in[kWeight], &d_bias = call.d_in[kBias];
        if (d_weight && d_bias && call.adds(kWeight) != call.adds(kBias))
            throw Error("cudnn_batch_norm: cannot add one of two gradients and store the other");
        weight = d_weight ? column(d_weight) : call.scratch;
        bias = d_bias ? column(d_bias) : call.scratch + call.in[kX].rows;
        add = (d_weight && call.adds(kWeight)) || (d_bias && call.adds(kBias));
    }
};

template <class T> void vjp(Queue& queue, const Call<T>& call) {
    const auto p = call.attributes.template as<BatchNorm>();
    const auto &x = call.in[kX], &d_y = call.d_out[kY];
    const auto& d_x = call.d_in[kX];
    if (!d_x || d_x.stride != x.stride || d_y.stride != x.stride)
        throw Error("cudnn_batch_norm: the input must want a gradient, and all must have the same padding");
    const Group<T> group(p, x);
    const ParameterGradients<T> gradients(call);
    const T one = 1, zero = 0;
    for (int g = 0; g < p.groups; ++g) {
        const int first = g * group.width;
        check(cudnnBatchNormalizationBackward(
                  handle_of(queue), CUDNN_BATCHNORM_SPATIAL, &one, call.adds(kX) ? &one : &zero, &one,
                  gradients.add || g > 0 ? &one : &zero, group.pixels, x.data + first, group.pixels, d_y.data + first,
                  group.pixels, d_x.data + first, group.channels, column(call.in[kWeight]), gradients.weight,
                  gradients.bias, p.eps, call.out[kMean].row(g), call.out[kInverseStd].row(g)),
              kName);
    }
}

} // namespace

CudaEntries cudnn_batch_norm_entries() {
    CudaEntries entries;
    entries.f32 = {{nullptr, value<float>}, {nullptr, vjp<float>}};
    entries.f64 = {{nullptr, value<double>}, {nullptr, vjp<double>}};
    return entries;
}

} // namespace poseaug
