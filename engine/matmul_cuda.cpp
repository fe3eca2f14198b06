#include "engine/matmul.hpp"

#include "engine/blas.hpp"
#include "engine/cuda/blas_handle.hpp"
#include "engine/cuda/check.hpp"

#include <type_traits>

namespace poseaug {
namespace {

cublasOperation_t cublas(Transpose t) { return t == Transpose::yes ? CUBLAS_OP_T : CUBLAS_OP_N; }

/// c = op(a) op(b) + beta c, row-major. cuBLAS counts by columns, to which a row-major matrix is its transpose, so it
/// is asked for c' = op(b)' op(a)'.
template <class T>
void product(Queue& queue, Transpose ta, Transpose tb, const View<const T>& a, const View<const T>& b, T beta,
             const View<T>& c) {
    const int inner = ta == Transpose::no ? a.cols : a.rows;
    if (queue.launches)
        return queue.launches->push_back({"cuBLAS product " + std::to_string(c.rows) + " x " + std::to_string(c.cols) +
                                          " x " + std::to_string(inner)});
    constexpr cudaDataType_t type = std::is_same_v<T, float> ? CUDA_R_32F : CUDA_R_64F;
    const auto& blas = *static_cast<const BlasHandle*>(queue.blas);
    const cublasComputeType_t compute = std::is_same_v<T, float> ? blas.float_compute : CUBLAS_COMPUTE_64F;
    const T alpha = 1;
    cuda::check(cublasGemmEx(blas.handle, cublas(tb), cublas(ta), c.cols, c.rows, inner, &alpha, b.data, type,
                             leading_dimension(b.stride), a.data, type, leading_dimension(a.stride), &beta, c.data,
                             type, leading_dimension(c.stride), compute, CUBLAS_GEMM_DEFAULT),
                "matmul");
}

template <class T> void matmul_value(Queue& queue, const Call<T>& call) {
    const Transpose tw = call.attributes.template as<MatMul>().transpose_weight ? Transpose::yes : Transpose::no;
    product<T>(queue, tw, Transpose::no, call.in[0], call.in[1], T(0), call.out[0]);
}

template <class T> void matmul_vjp(Queue& queue, const Call<T>& call) {
    const bool transposed = call.attributes.template as<MatMul>().transpose_weight != 0;
    const auto &w = call.in[0], &x = call.in[1], &d_y = call.d_out[0];
    const auto beta = [&](int i) { return call.adds(i) ? T(1) : T(0); };
    if (call.d_in[0])
        product<T>(queue, Transpose::no, Transpose::yes, transposed ? x : d_y, transposed ? d_y : x, beta(0),
                   call.d_in[0]);
    if (call.d_in[1])
        product<T>(queue, transposed ? Transpose::no : Transpose::yes, Transpose::no, w, d_y, beta(1), call.d_in[1]);
}

} // namespace

CudaEntries matmul_cuda_entries() {
    CudaEntries entries;
    entries.f32.value.cuda = matmul_value<float>;
    entries.f32.vjp.cuda = matmul_vjp<float>;
    entries.f64.value.cuda = matmul_value<double>;
    entries.f64.vjp.cuda = matmul_vjp<double>;
    return entries;
}

} // namespace poseaug
