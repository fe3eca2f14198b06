#include "engine/device.hpp"

#include "engine/cuda/blas_handle.hpp"
#include "engine/cuda/check.hpp"
#include "engine/cudnn.hpp"
#include "kernels/cuda/probe.hpp"

#include <exception>
#include <utility>

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

/// A stream with the libraries that compute on it: each has its own, since a handle and its workspace serve one stream.
struct StreamOfWork {
    cudaStream_t stream = nullptr;
    BlasHandle blas;
    void* workspace = nullptr;
    std::shared_ptr<void> dnn;

    void open(const DeviceOptions& options, int priority) {
        check(cudaStreamCreateWithPriority(&stream, cudaStreamNonBlocking, priority), "cudaStreamCreate");
        check(cublasCreate(&blas.handle), "cublasCreate");
        check(cublasSetStream(blas.handle, stream), "cublasSetStream");
        // a workspace of our own: recorded products need one that stays, and one for all keeps them repeatable
        check(cudaMalloc(&workspace, kWorkspaceBytes), "cudaMalloc of cuBLAS's workspace");
        check(cublasSetWorkspace(blas.handle, workspace, kWorkspaceBytes), "cublasSetWorkspace");
        check(cublasSetAtomicsMode(blas.handle, CUBLAS_ATOMICS_NOT_ALLOWED), "cublasSetAtomicsMode");
        blas.float_compute = compute_type(options.precision);
        if (options.convolution == Convolution::cudnn) dnn = open_cudnn(stream, options.precision);
    }
    void close() noexcept {
        if (stream) cudaStreamSynchronize(stream);
        dnn.reset();
        if (blas.handle) cublasDestroy(blas.handle);
        if (workspace) cudaFree(workspace);
        if (stream) cudaStreamDestroy(stream);
    }

    static constexpr std::size_t kWorkspaceBytes = std::size_t{32} << 20; // what cuBLAS recommends for Hopper
};

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
        check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDefault, main_.stream), "copying to the GPU");
        synchronize();
    }
    void download(void* to, const void* from, std::size_t bytes) override {
        queue_download(to, from, bytes);
        synchronize();
    }
    void queue_download(void* to, const void* from, std::size_t bytes) override {
        refuse_while_recording("download");
        check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDefault, main_.stream), "copying from the GPU");
    }
    void copy(void* to, const void* from, std::size_t bytes) override {
        check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDefault, main_.stream), "copying on the GPU");
    }
    void zero(void* memory, std::size_t bytes) override {
        check(cudaMemsetAsync(memory, 0, bytes, main_.stream), "clearing GPU memory");
    }
    void synchronize() override { check(cudaStreamSynchronize(main_.stream), "waiting for the GPU"); }

    // captured, these become edges of the graph
    void fork() override {
        check(cudaEventRecord(forked_, main_.stream), "cudaEventRecord");
        check(cudaStreamWaitEvent(side_.stream, forked_, 0), "cudaStreamWaitEvent");
        open_ = true;
    }
    void join() override {
        open_ = false;
        check(cudaEventRecord(joined_, side_.stream), "cudaEventRecord");
        check(cudaStreamWaitEvent(main_.stream, joined_, 0), "cudaStreamWaitEvent");
    }

    void begin_capture() override {
        // relaxed: the first recording of a step may still allocate
        check(cudaStreamBeginCapture(main_.stream, cudaStreamCaptureModeRelaxed), "cudaStreamBeginCapture");
        recording_ = true;
    }
    void* end_capture() override {
        recording_ = false;
        if (std::exchange(open_, false)) { // the step failed before its join; a capture must end in one stream
            cudaEventRecord(joined_, side_.stream);
            cudaStreamWaitEvent(main_.stream, joined_, 0);
        }
        cudaGraph_t graph = nullptr;
        const cudaError_t ended = cudaStreamEndCapture(main_.stream, &graph);
        if (std::current_exception()) { // the step failed: its own error is the one to tell
            if (graph) cudaGraphDestroy(graph);
            cudaGetLastError();
            return nullptr;
        }
        check(ended, "cudaStreamEndCapture");
        cudaGraphExec_t executable = nullptr;
        // capturing noted each kernel's stream's priority
        const cudaError_t instantiated =
            cudaGraphInstantiate(&executable, graph, cudaGraphInstantiateFlagUseNodePriority);
        cudaGraphDestroy(graph);
        check(instantiated, "cudaGraphInstantiate");
        return executable;
    }
    void launch(void* graph) override {
        check(cudaGraphLaunch(static_cast<cudaGraphExec_t>(graph), main_.stream), "cudaGraphLaunch");
    }
    void destroy(void* graph) noexcept override {
        if (graph) cudaGraphExecDestroy(static_cast<cudaGraphExec_t>(graph));
    }
    void start_timer() override { check(cudaEventRecord(begin_, main_.stream), "cudaEventRecord"); }
    double stop_timer() override {
        float milliseconds = 0;
        check(cudaEventRecord(end_, main_.stream), "cudaEventRecord");
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
        check(cudaEventCreate(&begin_), "cudaEventCreate");
        check(cudaEventCreate(&end_), "cudaEventCreate");
        check(cudaEventCreateWithFlags(&forked_, cudaEventDisableTiming), "cudaEventCreate");
        check(cudaEventCreateWithFlags(&joined_, cudaEventDisableTiming), "cudaEventCreate");
        // the main stream is what a step waits for; the side stream takes what it leaves idle
        int least = 0, greatest = 0;
        check(cudaDeviceGetStreamPriorityRange(&least, &greatest), "cudaDeviceGetStreamPriorityRange");
        main_.open(options, greatest);
        side_.open(options, least);
        queue_ = queue_of(main_);
        side_queue_ = queue_of(side_);
    }
    Queue queue_of(StreamOfWork& work) {
        return {.pool = &pool_, .stream = work.stream, .blas = &work.blas, .dnn = work.dnn.get(), .cuda = true};
    }
    void close() noexcept {
        main_.close();
        side_.close();
        for (const cudaEvent_t event : {begin_, end_, forked_, joined_})
            if (event) cudaEventDestroy(event);
    }
    void refuse_while_recording(const char* what) const {
        if (recording_)
            throw Error(std::string(what) + " inside a recorded step: it would not be repeated with the step");
    }

    ThreadPool pool_;
    StreamOfWork main_, side_;
    cudaEvent_t begin_ = nullptr, end_ = nullptr, forked_ = nullptr, joined_ = nullptr;
    std::size_t cache_bytes_ = 0;
    bool recording_ = false, open_ = false; ///< open: the side stream was forked and not joined
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
