#include "engine/blas.hpp"

#include "kernels/error.hpp"

#include <cblas.h>
#include <limits>

// OpenBLAS's own symbol; absent from other implementations, whose products we then trust to be serial.
extern "C" void openblas_set_num_threads(int threads) __attribute__((weak));

namespace poseaug {

void use_one_blas_thread() {
    if (openblas_set_num_threads) openblas_set_num_threads(1);
}

int leading_dimension(std::int64_t stride) {
    if (stride > std::numeric_limits<int>::max())
        throw Error("matmul: rows " + std::to_string(stride) + " elements apart are too long; try a smaller --batch");
    return static_cast<int>(stride);
}

namespace {
CBLAS_TRANSPOSE cblas(Transpose t) { return t == Transpose::yes ? CblasTrans : CblasNoTrans; }
} // namespace

void gemm(Transpose ta, Transpose tb, int m, int n, int k, const float* a, int lda, const float* b, int ldb, float beta,
          float* c, int ldc) {
    cblas_sgemm(CblasRowMajor, cblas(ta), cblas(tb), m, n, k, 1.0F, a, lda, b, ldb, beta, c, ldc);
}
void gemm(Transpose ta, Transpose tb, int m, int n, int k, const double* a, int lda, const double* b, int ldb,
          double beta, double* c, int ldc) {
    cblas_dgemm(CblasRowMajor, cblas(ta), cblas(tb), m, n, k, 1.0, a, lda, b, ldb, beta, c, ldc);
}

} // namespace poseaug
