#pragma once
#include <functional>
#include <future>
#include <utility>
#include <vector>

namespace poseaug {

/// Writes files on a thread of its own, one after another, while the caller goes on. What was started is finished, also
/// when the writer is destroyed.
class BackgroundWriter {
public:
    using Write = std::function<void()>;

    /// One more file of the next lot.
    void add(Write write) { next_.push_back(std::move(write)); }
    /// Starts on the lot in the order added, after the lot before. Throws that one's Error, as `wait` does.
    void start() {
        wait();
        running_ = std::async(std::launch::async, [lot = std::exchange(next_, {})] {
            for (const Write& write : lot) write();
        });
    }
    /// Returns when all that was started is written. Throws the Error that a write ended with; those behind it in the lot
    /// were then not begun.
    void wait() {
        if (running_.valid()) running_.get();
    }

private:
    std::vector<Write> next_;
    std::future<void> running_; // destroyed first: waits
};

} // namespace poseaug
