#include "engine/matmul.hpp"

#include "engine/blas.hpp"
#include "engine/cuda/blas_handle.hpp"
#include "engine/cuda/check.hpp"
#include "engine/grouped_matmul.hpp"

#include <type_traits>

namespace poseaug {
namespace {

cublasOperation_t cublas(Transpose t) { return t == Transpose::yes ? CUBLAS_OP_T : CUBLAS_OP_N; }

/// How many products are done at once, and the rows from one's operands to the next's.
struct Repeat {
    int count = 1, a = 0, b = 0, c = 0;
};

/// c = op(a) op(b) + beta c, row-major, and the same for operands that follow. cuBLAS counts by columns, to which a
/// row-major matrix is its transpose, so it is asked for c' = op(b)' op(a)'.
template <class T>
void product(Queue& queue, Transpose ta, Transpose tb, const View<const T>& a, const View<const T>& b, T beta,
             const View<T>& c, const Repeat& repeat = {}) {
    const int inner = ta == Transpose::no ? a.cols : a.rows;
    if (queue.launches)
        return queue.launches->push_back({"cuBLAS product " + std::to_string(c.rows) + " x " + std::to_string(c.cols) +
                                          " x " + std::to_string(inner) +
                                          (repeat.count > 1 ? ", " + std::to_string(repeat.count) + " times" : "")});
    constexpr cudaDataType_t type = std::is_same_v<T, float> ? CUDA_R_32F : CUDA_R_64F;
    const auto& blas = *static_cast<const BlasHandle*>(queue.blas);
    const cublasComputeType_t compute = std::is_same_v<T, float> ? blas.float_compute : CUBLAS_COMPUTE_64F;
    const T alpha = 1;
    const int lda = leading_dimension(a.stride), ldb = leading_dimension(b.stride), ldc = leading_dimension(c.stride);
    const cublasStatus_t status =
        repeat.count == 1
            ? cublasGemmEx(blas.handle, cublas(tb), cublas(ta), c.cols, c.rows, inner, &alpha, b.data, type, ldb,
                           a.data, type, lda, &beta, c.data, type, ldc, compute, CUBLAS_GEMM_DEFAULT)
            : cublasGemmStridedBatchedEx(blas.handle, cublas(tb), cublas(ta), c.cols, c.rows, inner, &alpha, b.data,
                                         type, ldb, repeat.b * b.stride, a.data, type, lda, repeat.a * a.stride, &beta,
                                         c.data, type, ldc, repeat.c * c.stride, repeat.count, compute,
                                         CUBLAS_GEMM_DEFAULT);
    cuda::check(status, "matmul");
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

template <class T> void grouped_value(Queue& queue, const Call<T>& call) {
    for (const WeightStack& s : weight_stacks(call))
        product<T>(queue, Transpose::no, Transpose::no, call.in[s.input].slice(0, s.rows),
                   call.in[0].slice(s.first_x, s.inner), T(0), call.out[0].slice(s.first_y, s.rows),
                   {s.groups, s.rows, s.inner, s.rows});
}

template <class T> void grouped_vjp(Queue& queue, const Call<T>& call) {
    const auto beta = [&](int i) { return call.adds(i) ? T(1) : T(0); };
    for (const WeightStack& s : weight_stacks(call)) {
        const View<const T> d_y = call.d_out[0].slice(s.first_y, s.rows);
        if (const auto& d_w = call.d_in[s.input])
            product<T>(queue, Transpose::no, Transpose::yes, d_y, call.in[0].slice(s.first_x, s.inner), beta(s.input),
                       d_w.slice(0, s.rows), {s.groups, s.rows, s.inner, s.rows});
        if (const auto& d_x = call.d_in[0])
            product<T>(queue, Transpose::yes, Transpose::no, call.in[s.input].slice(0, s.rows), d_y, beta(0),
                       d_x.slice(s.first_x, s.inner), {s.groups, s.rows, s.rows, s.inner});
    }
}

template <class T> Entries<T> cuda_only(Run<T> value, Run<T> vjp) { return {{nullptr, value}, {nullptr, vjp}}; }

} // namespace

CudaEntries grouped_matmul_cuda_entries() {
    return {cuda_only(grouped_value<float>, grouped_vjp<float>), cuda_only(grouped_value<double>, grouped_vjp<double>)};
}

CudaEntries matmul_cuda_entries() {
    return {cuda_only(matmul_value<float>, matmul_vjp<float>), cuda_only(matmul_value<double>, matmul_vjp<double>)};
}

} // namespace poseaug
