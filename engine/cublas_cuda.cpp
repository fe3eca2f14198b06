#include "engine/shared_library.hpp"

#include <cublas_v2.h>

// The functions of cuBLAS that the engine calls, under their own names, for a build that does not link the library: the
// first call opens it. It holds half a gigabyte, and preparing that takes a start 0.1 s and 160 MB, GPU or not.

namespace {

/// Kept in the binary as it stands, for scripts/gpu_check.sh to find.
[[gnu::used]] constexpr char kFile[] = POSEAUG_CUBLAS_RUNTIME;

const poseaug::SharedLibrary& library() {
    static const poseaug::SharedLibrary opened(kFile, "multiplies matrices on a GPU",
                                               "Put its folder, one of the CUDA toolkit's, on LD_LIBRARY_PATH, or use "
                                               "--device cpu");
    return opened;
}

/// The library's own function of that name.
template <class... Arguments> cublasStatus_t call(const char* name, Arguments... arguments) {
    return library().symbol<cublasStatus_t(Arguments...)>(name)(arguments...);
}

} // namespace

extern "C" {

cublasStatus_t cublasCreate_v2(cublasHandle_t* handle) { return call("cublasCreate_v2", handle); }

cublasStatus_t cublasDestroy_v2(cublasHandle_t handle) { return call("cublasDestroy_v2", handle); }

cublasStatus_t cublasSetStream_v2(cublasHandle_t handle, cudaStream_t stream) {
    return call("cublasSetStream_v2", handle, stream);
}

cublasStatus_t cublasSetWorkspace_v2(cublasHandle_t handle, void* workspace, size_t bytes) {
    return call("cublasSetWorkspace_v2", handle, workspace, bytes);
}

cublasStatus_t cublasSetAtomicsMode(cublasHandle_t handle, cublasAtomicsMode_t mode) {
    return call("cublasSetAtomicsMode", handle, mode);
}

const char* cublasGetStatusString(cublasStatus_t status) {
    return library().symbol<const char*(cublasStatus_t)>("cublasGetStatusString")(status);
}

cublasStatus_t cublasGemmEx(cublasHandle_t handle, cublasOperation_t ta, cublasOperation_t tb, int m, int n, int k,
                            const void* alpha, const void* a, cudaDataType a_type, int lda, const void* b,
                            cudaDataType b_type, int ldb, const void* beta, void* c, cudaDataType c_type, int ldc,
                            cublasComputeType_t compute, cublasGemmAlgo_t algorithm) {
    return call("cublasGemmEx", handle, ta, tb, m, n, k, alpha, a, a_type, lda, b, b_type, ldb, beta, c, c_type, ldc,
                compute, algorithm);
}

cublasStatus_t cublasGemmStridedBatchedEx(cublasHandle_t handle, cublasOperation_t ta, cublasOperation_t tb, int m,
                                          int n, int k, const void* alpha, const void* a, cudaDataType a_type, int lda,
                                          long long a_step, const void* b, cudaDataType b_type, int ldb,
                                          long long b_step, const void* beta, void* c, cudaDataType c_type, int ldc,
                                          long long c_step, int count, cublasComputeType_t compute,
                                          cublasGemmAlgo_t algorithm) {
    return call("cublasGemmStridedBatchedEx", handle, ta, tb, m, n, k, alpha, a, a_type, lda, a_step, b, b_type, ldb,
                b_step, beta, c, c_type, ldc, c_step, count, compute, algorithm);
}
}
