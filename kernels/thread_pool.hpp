#pragma once
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace poseaug {

/// The one pool of host threads: op loops and matrix products alike are split over it.
class ThreadPool {
public:
    /// `threads` >= 1 counts the caller, which works too. Throws Error where the system gives no more threads.
    explicit ThreadPool(int threads);
    ~ThreadPool();
    ThreadPool(const ThreadPool&) = delete;
    ThreadPool& operator=(const ThreadPool&) = delete;

    int size() const { return static_cast<int>(workers_.size()) + 1; }

    /// Calls f(i) once for each i in [0, count), in any order, on any thread; returns when all are done and rethrows
    /// the first exception. Not reentrant. f must write nothing whose value depends on which thread runs it.
    template <class F> void parallel_for(int count, const F& f) {
        if (count <= 1 || workers_.empty()) {
            for (int i = 0; i < count; ++i) f(i);
            return;
        }
        run(
            count, [](const void* body, int i) { (*static_cast<const F*>(body))(i); }, &f);
    }

private:
    using Body = void (*)(const void*, int);
    void run(int count, Body body, const void* state);
    void drain();
    void stop() noexcept;
    void work();

    std::vector<std::thread> workers_;
    std::mutex mutex_;
    std::condition_variable start_;
    Body body_ = nullptr;
    const void* state_ = nullptr;
    int count_ = 0;
    std::atomic<int> next_{0}, busy_{0};
    std::atomic<std::uint64_t> generation_{0};
    std::atomic<bool> stop_{false};
    std::exception_ptr failure_;
};

} // namespace poseaug
