#include "engine/device.hpp"

#include "engine/cuda/blas_handle.hpp"
#include "engine/cuda/check.hpp"
#include "engine/cudnn.hpp"
#include "kernels/cuda/probe.hpp"

#include <exception>

namespace poseaug {
namespace {

using cuda::check;

cublasComputeType_t compute_type(Precision precision) {
    switch (precision) {
    case Precision::tf32: return CUBLAS_COMPUTE_32F_FAST_TF32;
    case Precision::bf16: return CUBLAS_COMPUTE_32F_FAST_16BF;
    case Precision::float32: break;
    }
    return CUBLAS_COMPUTE_32F;
}

std::string describe(std::size_t bytes) { return std::to_string(bytes >> 20) + " MiB"; }

/// The first visible GPU.
class CudaDevice final : public Device {
public:
    explicit CudaDevice(const DeviceOptions& options) : pool_(1) {
        try {
            open(options);
        } catch (...) {
            close();
            throw;
        }
    }
    ~CudaDevice() override { close(); }

    void* allocate(std::size_t bytes) override {
        void* memory = nullptr;
        const cudaError_t result = cudaMalloc(&memory, bytes);
        if (result == cudaErrorMemoryAllocation) {
            cudaGetLastError(); // the next launch must not see it
            std::size_t available = 0, total = 0;
            cudaMemGetInfo(&available, &total);
            throw Error("out of GPU memory: " + describe(bytes) + " asked for, " + describe(available) + " of " +
                        describe(total) + " free; try a smaller --batch");
        }
        check(result, "cudaMalloc");
        return memory;
    }
    void release(void* memory) noexcept override { cudaFree(memory); }
    void* allocate_host(std::size_t bytes) override {
        void* memory = nullptr;
        const cudaError_t result = cudaHostAlloc(&memory, bytes, cudaHostAllocMapped | cudaHostAllocPortable);
        if (result == cudaErrorMemoryAllocation) {
            cudaGetLastError(); // the next launch must not see it
            throw Error("out of memory: " + describe(bytes) +
                        " of the host's, page-locked for the GPU, asked for; train on fewer poses (--stride)");
        }
        check(result, "cudaHostAlloc");
        return memory; // with unified addresses it is the GPU's address too
    }
    void release_host(void* memory) noexcept override { cudaFreeHost(memory); }
    std::size_t free_bytes() const override {
        std::size_t available = 0, total = 0;
        check(cudaMemGetInfo(&available, &total), "asking for the GPU's free memory");
        return available;
    }
    void upload(void* to, const void* from, std::size_t bytes) override {
        refuse_while_recording("upload");
        check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDefault, stream_), "copying to the GPU");
        synchronize();
    }
    void download(void* to, const void* from, std::size_t bytes) override {
        queue_download(to, from, bytes);
        synchronize();
    }
    void queue_download(void* to, const void* from, std::size_t bytes) override {
        refuse_while_recording("download");
        check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDefault, stream_), "copying from the GPU");
    }
    void copy(void* to, const void* from, std::size_t bytes) override {
        check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDefault, stream_), "copying on the GPU");
    }
    void zero(void* memory, std::size_t bytes) override {
        check(cudaMemsetAsync(memory, 0, bytes, stream_), "clearing GPU memory");
    }
    void synchronize() override { check(cudaStreamSynchronize(stream_), "waiting for the GPU"); }

    void begin_capture() override {
        // relaxed: the first recording of a step may still allocate
        check(cudaStreamBeginCapture(stream_, cudaStreamCaptureModeRelaxed), "cudaStreamBeginCapture");
        recording_ = true;
    }
    void* end_capture() override {
        recording_ = false;
        cudaGraph_t graph = nullptr;
        const cudaError_t ended = cudaStreamEndCapture(stream_, &graph);
        if (std::current_exception()) { // the step failed: its own error is the one to tell
            if (graph) cudaGraphDestroy(graph);
            cudaGetLastError();
            return nullptr;
        }
        check(ended, "cudaStreamEndCapture");
        cudaGraphExec_t executable = nullptr;
        const cudaError_t instantiated = cudaGraphInstantiate(&executable, graph, 0);
        cudaGraphDestroy(graph);
        check(instantiated, "cudaGraphInstantiate");
        return executable;
    }
    void launch(void* graph) override {
        check(cudaGraphLaunch(static_cast<cudaGraphExec_t>(graph), stream_), "cudaGraphLaunch");
    }
    void destroy(void* graph) noexcept override {
        if (graph) cudaGraphExecDestroy(static_cast<cudaGraphExec_t>(graph));
    }
    void start_timer() override { check(cudaEventRecord(begin_, stream_), "cudaEventRecord"); }
    double stop_timer() override {
        float milliseconds = 0;
        check(cudaEventRecord(end_, stream_), "cudaEventRecord");
        check(cudaEventSynchronize(end_), "cudaEventSynchronize");
        check(cudaEventElapsedTime(&milliseconds, begin_, end_), "cudaEventElapsedTime");
        return static_cast<double>(milliseconds) * 1e-3;
    }
    std::size_t cache_bytes() const override { return cache_bytes_; }

private:
    void open(const DeviceOptions& options) {
        cudaDeviceProp properties;
        check(cudaSetDevice(0), "cudaSetDevice");
        check(cudaGetDeviceProperties(&properties, 0), "cudaGetDeviceProperties");
        name_ = properties.name;
        if (options.precision != Precision::float32)
            name_ += ", products in " + std::string(name_of(options.precision));
        cache_bytes_ = static_cast<std::size_t>(properties.l2CacheSize);
        check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "cudaStreamCreate");
        check(cudaEventCreate(&begin_), "cudaEventCreate");
        check(cudaEventCreate(&end_), "cudaEventCreate");
        check(cublasCreate(&blas_.handle), "cublasCreate");
        check(cublasSetStream(blas_.handle, stream_), "cublasSetStream");
        // a workspace of our own: recorded products need one that stays, and one for all keeps them repeatable
        check(cudaMalloc(&workspace_, kWorkspaceBytes), "cudaMalloc of cuBLAS's workspace");
        check(cublasSetWorkspace(blas_.handle, workspace_, kWorkspaceBytes), "cublasSetWorkspace");
        check(cublasSetAtomicsMode(blas_.handle, CUBLAS_ATOMICS_NOT_ALLOWED), "cublasSetAtomicsMode");
        blas_.float_compute = compute_type(options.precision);
        queue_.pool = &pool_;
        queue_.stream = stream_;
        queue_.blas = &blas_;
        queue_.cuda = true;
        if (options.convolution == Convolution::cudnn) dnn_ = open_cudnn(stream_, options.precision);
        queue_.dnn = dnn_.get();
    }
    void close() noexcept {
        if (stream_) cudaStreamSynchronize(stream_);
        dnn_.reset();
        if (blas_.handle) cublasDestroy(blas_.handle);
        if (workspace_) cudaFree(workspace_);
        if (begin_) cudaEventDestroy(begin_);
        if (end_) cudaEventDestroy(end_);
        if (stream_) cudaStreamDestroy(stream_);
    }
    void refuse_while_recording(const char* what) const {
        if (recording_)
            throw Error(std::string(what) + " inside a recorded step: it would not be repeated with the step");
    }

    static constexpr std::size_t kWorkspaceBytes = std::size_t{32} << 20; // what cuBLAS recommends for Hopper
    ThreadPool pool_;
    cudaStream_t stream_ = nullptr;
    cudaEvent_t begin_ = nullptr, end_ = nullptr;
    std::size_t cache_bytes_ = 0;
    BlasHandle blas_;
    std::shared_ptr<void> dnn_;
    void* workspace_ = nullptr;
    bool recording_ = false;
};

const char* find_obstacle() {
    int count = 0;
    switch (const cudaError_t result = cudaGetDeviceCount(&count); result) {
    case cudaSuccess: break;
    case cudaErrorInsufficientDriver:
        cudaGetLastError();
        return "there is no NVIDIA driver, or one too old for the CUDA version of this build";
    case cudaErrorNoDevice:
        cudaGetLastError();
        return "there is no NVIDIA GPU, or none is visible (CUDA_VISIBLE_DEVICES)";
    default: cudaGetLastError(); return cudaGetErrorString(result);
    }
    return count < 1 ? "there is no NVIDIA GPU" : cuda::why_no_kernels();
}

} // namespace

bool built_with_cuda() { return true; }

const char* why_no_cuda() {
    static const char* const obstacle = find_obstacle();
    return obstacle;
}

std::unique_ptr<Device> open_cuda_device(const DeviceOptions& options) { return std::make_unique<CudaDevice>(options); }

} // namespace poseaug
