#include "engine/cuda/dnn_handle.hpp"
#include "engine/cudnn.hpp"
#include "engine/matmul.hpp"

#include <type_traits>

namespace poseaug {
namespace {

using cuda::check;

constexpr const char* kName = "cudnn_convolution";

// Chosen once: each gives the same bits every time, takes any sizes and needs no search.
constexpr auto kForward = CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM;
constexpr auto kBackwardData = CUDNN_CONVOLUTION_BWD_DATA_ALGO_1;
constexpr auto kBackwardFilter = CUDNN_CONVOLUTION_BWD_FILTER_ALGO_1;

template <class T> constexpr cudnnDataType_t type_of() {
    return std::is_same_v<T, float> ? CUDNN_DATA_FLOAT : CUDNN_DATA_DOUBLE;
}

/// A matrix as an image of one row of pixels. The padding of the rows counts as pixels: each is computed by itself, and
/// the algorithms want images without gaps.
template <class T, class V> void describe(const cuda::TensorDescriptor& descriptor, const View<V>& view) {
    if (view.stride != view.cols && view.stride != padded_stride<T>(view.cols))
        throw Error("cudnn_convolution: rows of " + std::to_string(view.cols) + " elements are " +
                    std::to_string(view.stride) + " apart; whole matrices are expected");
    cudnn_elements(kName, view.rows, view.stride);
    check(cudnnSetTensor4dDescriptor(descriptor, CUDNN_TENSOR_NCHW, type_of<T>(), 1, view.rows, 1,
                                     static_cast<int>(view.stride)),
          kName);
}

/// The descriptors of Y = W X.
template <class T> struct Problem {
    cuda::TensorDescriptor x, y;
    cuda::FilterDescriptor w;
    cuda::ConvolutionDescriptor convolution;

    template <class W, class X, class Y>
    Problem(const cuda::DnnHandle& dnn, const View<W>& weight, const View<X>& in, const View<Y>& out) {
        if (weight.stride != weight.cols || in.stride != out.stride)
            throw Error("cudnn_convolution: the weight must have no padding, and input and output the same");
        describe<T>(x, in);
        describe<T>(y, out);
        check(cudnnSetFilter4dDescriptor(w, type_of<T>(), CUDNN_TENSOR_NCHW, weight.rows, weight.cols, 1, 1), kName);
        check(cudnnSetConvolution2dDescriptor(convolution, 0, 0, 1, 1, 1, 1, CUDNN_CROSS_CORRELATION, type_of<T>()),
              kName);
        check(cudnnSetConvolutionMathType(convolution, std::is_same_v<T, float> ? dnn.math() : CUDNN_FMA_MATH), kName);
    }
};

cuda::DnnHandle& dnn_of(Queue& queue) {
    if (!queue.dnn) throw Error("cudnn_convolution: this device was opened without cuDNN");
    return *static_cast<cuda::DnnHandle*>(queue.dnn);
}

/// Sums over pixels must not see the padding, which code may write but not interpret.
template <class V> void clear_padding(Queue& queue, const View<V>& view) {
    if (view.stride == view.cols) return;
    auto* padding = const_cast<std::remove_const_t<V>*>(view.data + view.cols);
    check(cudaMemset2DAsync(padding, static_cast<std::size_t>(view.stride) * sizeof(V), 0,
                            static_cast<std::size_t>(view.stride - view.cols) * sizeof(V),
                            static_cast<std::size_t>(view.rows), static_cast<cudaStream_t>(queue.stream)),
          kName);
}

template <class T> void value(Queue& queue, const Call<T>& call) {
    if (call.attributes.template as<MatMul>().transpose_weight)
        throw Error("cudnn_convolution: takes no transposed weight");
    const auto &w = call.in[0], &x = call.in[1];
    const auto& y = call.out[0];
    cuda::DnnHandle& dnn = dnn_of(queue);
    const Problem<T> problem(dnn, w, x, y);
    std::size_t bytes = 0;
    check(cudnnGetConvolutionForwardWorkspaceSize(dnn.get(), problem.x, problem.w, problem.convolution, problem.y,
                                                  kForward, &bytes),
          kName);
    const T one = 1, zero = 0;
    check(cudnnConvolutionForward(dnn.get(), &one, problem.x, x.data, problem.w, w.data, problem.convolution, kForward,
                                  dnn.workspace(bytes), bytes, &zero, problem.y, y.data),
          kName);
}

template <class T>
void filter_gradient(Queue& queue, const Call<T>& call, cuda::DnnHandle& dnn, const Problem<T>& problem) {
    const auto &x = call.in[1], &d_y = call.d_out[0];
    if (call.d_in[0].stride != call.d_in[0].cols)
        throw Error("cudnn_convolution: the weight's gradient must have no padding");
    clear_padding(queue, x);
    clear_padding(queue, d_y);
    std::size_t bytes = 0;
    check(cudnnGetConvolutionBackwardFilterWorkspaceSize(dnn.get(), problem.x, problem.y, problem.convolution,
                                                         problem.w, kBackwardFilter, &bytes),
          kName);
    const T one = 1, beta = call.adds(0) ? T(1) : T(0);
    check(cudnnConvolutionBackwardFilter(dnn.get(), &one, problem.x, x.data, problem.y, d_y.data, problem.convolution,
                                         kBackwardFilter, dnn.workspace(bytes), bytes, &beta, problem.w,
                                         call.d_in[0].data),
          kName);
}

template <class T> void data_gradient(const Call<T>& call, cuda::DnnHandle& dnn, const Problem<T>& problem) {
    const auto& d_x = call.d_in[1];
    if (d_x.stride != call.in[1].stride) throw Error("cudnn_convolution: an input and its gradient differ in padding");
    std::size_t bytes = 0;
    check(cudnnGetConvolutionBackwardDataWorkspaceSize(dnn.get(), problem.w, problem.y, problem.convolution, problem.x,
                                                       kBackwardData, &bytes),
          kName);
    const T one = 1, beta = call.adds(1) ? T(1) : T(0);
    check(cudnnConvolutionBackwardData(dnn.get(), &one, problem.w, call.in[0].data, problem.y, call.d_out[0].data,
                                       problem.convolution, kBackwardData, dnn.workspace(bytes), bytes, &beta,
                                       problem.x, d_x.data),
          kName);
}

template <class T> void vjp(Queue& queue, const Call<T>& call) {
    cuda::DnnHandle& dnn = dnn_of(queue);
    const Problem<T> problem(dnn, call.in[0], call.in[1], call.d_out[0]);
    if (call.d_in[0]) filter_gradient(queue, call, dnn, problem);
    if (call.d_in[1]) data_gradient(call, dnn, problem);
}

} // namespace

const char* why_no_cudnn() { return nullptr; }

std::shared_ptr<void> open_cudnn(void* stream, Precision precision) {
    return std::make_shared<cuda::DnnHandle>(static_cast<cudaStream_t>(stream), precision);
}

CudaEntries cudnn_convolution_entries() {
    CudaEntries entries;
    entries.f32 = {{nullptr, value<float>}, {nullptr, vjp<float>}};
    entries.f64 = {{nullptr, value<double>}, {nullptr, vjp<double>}};
    return entries;
}

} // namespace poseaug
