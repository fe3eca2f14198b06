#include "engine/device.hpp"

#include "engine/blas.hpp"
#include "engine/cudnn.hpp"
#include "engine/rounding.hpp"
#include "kernels/instructions.hpp"

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <new>
#include <sys/mman.h>
#include <thread>
#include <unistd.h>

namespace poseaug {
namespace {

using Clock = std::chrono::steady_clock;

class CpuDevice : public Device {
public:
    explicit CpuDevice(int threads, Precision precision = Precision::float32) : pool_(threads), products_{precision} {
        queue_.pool = side_queue_.pool = &pool_;
        queue_.blas = side_queue_.blas = &products_;
        name_ = "CPU, " + std::to_string(threads) + (threads == 1 ? " thread, " : " threads, ") +
                std::string(chosen_instructions().title);
        if (precision != Precision::float32)
            name_ += ", operands of products rounded to " + std::string(name_of(precision));
        // the pool splits products itself, so that there is one set of threads
        use_one_blas_thread();
    }

    void* allocate(std::size_t bytes) override {
        // large pages, where the system has them: fewer to make, and to look up where weights stream past
        constexpr std::size_t large_page = std::size_t{2} << 20U;
        const bool large = bytes >= 2 * large_page;
        const std::size_t alignment = large ? large_page : 256;
        void* memory = std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
        if (!memory)
            throw Error("out of memory: " + std::to_string(bytes >> 20) + " MiB asked for; try a smaller --batch");
#ifdef MADV_HUGEPAGE
        if (large) madvise(memory, bytes, MADV_HUGEPAGE);
#endif
        return memory;
    }
    void release(void* memory) noexcept override { std::free(memory); }
    void upload(void* to, const void* from, std::size_t bytes) override { std::memcpy(to, from, bytes); }
    void download(void* to, const void* from, std::size_t bytes) override { std::memcpy(to, from, bytes); }
    void queue_download(void* to, const void* from, std::size_t bytes) override { std::memcpy(to, from, bytes); }
    void copy(void* to, const void* from, std::size_t bytes) override { std::memmove(to, from, bytes); }
    void zero(void* memory, std::size_t bytes) override { std::memset(memory, 0, bytes); }
    void synchronize() override {}
    void fork() override {}
    void join() override {}
    void begin_capture() override {}
    void* end_capture() override { return nullptr; }
    void launch(void*) override {}
    void destroy(void*) noexcept override {}
    void start_timer() override { started_ = Clock::now(); }
    double stop_timer() override { return std::chrono::duration<double>(Clock::now() - started_).count(); }
    std::size_t cache_bytes() const override {
        const long bytes = sysconf(_SC_LEVEL3_CACHE_SIZE);
        return bytes > 0 ? static_cast<std::size_t>(bytes) : 0;
    }

private:
    ThreadPool pool_;
    CpuProducts products_;
    Clock::time_point started_;
};

class DryDevice final : public CpuDevice {
public:
    explicit DryDevice(bool cuda) : CpuDevice(1) {
        name_ = cuda ? "GPU (dry run)" : "CPU (dry run)";
        queue_.cuda = cuda;
        queue_.launches = &launches_;
        side_queue_ = queue_;
    }
    /// Only what is small: memory that nobody writes need not be real.
    void zero(void* memory, std::size_t bytes) override {
        constexpr std::size_t page = 4096;
        if (bytes <= page) CpuDevice::zero(memory, bytes);
    }

private:
    LaunchLog launches_;
};

/// `no_gpu`: null, or why there is none to use.
void require_convolution(const DeviceOptions& options, const char* no_gpu) {
    if (options.convolution == Convolution::own || (no_gpu && options.kind == "cuda")) return;
    if (const char* reason = why_no_cudnn())
        throw Error(std::string("no cuDNN for convolutions: ") + reason + "; use --conv own");
    if (no_gpu)
        throw Error(std::string("cuDNN computes on a GPU only, and this runs on the CPU") +
                    (options.kind == "auto" ? std::string(": ") + no_gpu : "") + "; use --conv own");
}

constexpr std::string_view kPrecisions[] = {"float32", "tf32", "bf16"};

} // namespace

std::string_view name_of(Precision precision) { return kPrecisions[static_cast<int>(precision)]; }

Precision find_precision(std::string_view name) {
    for (const Precision precision : {Precision::float32, Precision::tf32, Precision::bf16})
        if (name_of(precision) == name) return precision;
    throw Error("precision '" + std::string(name) + "' is none of float32, tf32, bf16");
}

std::unique_ptr<Device> open_device(const DeviceOptions& options) {
    DeviceOptions o = options;
    if (o.threads <= 0) o.threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    if (o.kind != "auto" && o.kind != "cpu" && o.kind != "cuda")
        throw Error("device '" + o.kind + "' is none of auto, cpu, cuda");
    const char* reason = o.kind == "cpu" ? "" : why_no_cuda();
    require_convolution(o, reason);
    if (!reason) return open_cuda_device(o);
    if (o.kind == "cuda") throw Error(std::string("no GPU to run on: ") + reason + "; use --device cpu");
    return std::make_unique<CpuDevice>(o.threads, o.precision);
}

std::unique_ptr<Device> open_dry_device(const std::string& kind) {
    if (kind != "cpu" && kind != "cuda") throw Error("a dry run is of 'cpu' or 'cuda', not of '" + kind + "'");
    if (kind == "cuda" && !built_with_cuda())
        throw Error("a dry run for a GPU needs a build with CUDA, though no GPU, and this build has none");
    return std::make_unique<DryDevice>(kind == "cuda");
}

} // namespace poseaug
