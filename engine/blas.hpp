#pragma once
#include <cstdint>

namespace poseaug {

/// Makes the system's BLAS compute on the calling thread alone, where it is one that can be told.
void use_one_blas_thread();

enum class Transpose { no, yes };

/// The distance from row to row as BLAS and cuBLAS take it, an int. Throws Error if it does not fit.
int leading_dimension(std::int64_t stride);

/// c = op(a) op(b) + beta c, row-major, c (m, n), inner dimension k, on the calling thread.
void gemm(Transpose ta, Transpose tb, int m, int n, int k, const float* a, int lda, const float* b, int ldb, float beta,
          float* c, int ldc);
void gemm(Transpose ta, Transpose tb, int m, int n, int k, const double* a, int lda, const double* b, int ldb,
          double beta, double* c, int ldc);

} // namespace poseaug
