#include "kernels/thread_pool.hpp"

#include "kernels/error.hpp"

#include <string>
#include <system_error>

namespace poseaug {

namespace {
// A step is hundreds of loops a few microseconds apart: a worker that waits awake this long between two
// of them spares each the ten microseconds of a wake-up.
constexpr int kSpins = 20'000;

constexpr int kClosed = -1; ///< in place of the number of workers at a job

inline void relax() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#else
    std::this_thread::yield();
#endif
}
} // namespace

ThreadPool::ThreadPool(int threads) {
    try {
        for (int i = 1; i < threads; ++i) workers_.emplace_back([this] { work(); });
    } catch (const std::system_error& error) {
        stop();
        throw Error("cannot start " + std::to_string(threads) + " threads (" + error.what() +
                    "); give fewer --threads");
    }
}

ThreadPool::~ThreadPool() { stop(); }

void ThreadPool::stop() noexcept {
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
        ++generation_;
    }
    start_.notify_all();
    for (auto& worker : workers_) worker.join();
}

void ThreadPool::run(int count, Body body, const void* state) {
    {
        const std::lock_guard lock(mutex_);
        body_ = body;
        state_ = state;
        count_ = count;
        next_ = 0;
        failure_ = nullptr;
        busy_ = 0; // last, since it opens the job
        ++generation_;
    }
    start_.notify_all();
    drain();
    // only workers that took part are waited for: one that the system has not let run yet finds the job closed
    for (int i = 0, idle = 0; !busy_.compare_exchange_weak(idle, kClosed, std::memory_order_acq_rel); ++i, idle = 0) {
        // on a busy machine the worker may wait for this very core
        if (i < kSpins) relax();
        else std::this_thread::yield();
    }
    if (failure_) std::rethrow_exception(failure_);
}

void ThreadPool::drain() {
    try {
        for (int i = next_++; i < count_; i = next_++) body_(state_, i);
    } catch (...) {
        const std::lock_guard lock(mutex_);
        if (!failure_) failure_ = std::current_exception();
        next_ = count_;
    }
}

void ThreadPool::work() {
    std::uint64_t seen = 0;
    while (true) {
        for (int i = 0; i < kSpins && generation_.load(std::memory_order_acquire) == seen; ++i) relax();
        if (generation_.load(std::memory_order_acquire) == seen) {
            std::unique_lock lock(mutex_);
            start_.wait(lock, [&] { return generation_.load() != seen; });
        }
        {
            const std::lock_guard lock(mutex_);
            seen = generation_.load();
            if (stop_) return;
        }
        int at_work = busy_.load();
        while (at_work != kClosed && !busy_.compare_exchange_weak(at_work, at_work + 1)) {
        }
        if (at_work == kClosed) continue;
        drain();
        busy_.fetch_sub(1, std::memory_order_release);
    }
}

} // namespace poseaug
