#pragma once
#include <chrono>
#include <cstdint>
#include <string>

namespace poseaug::app {

/// How far a piece of work is, on stderr: one live line with rate and time left where that is a terminal, otherwise a
/// plain line now and then. A count that falls starts anew, so that one object may serve pass after pass.
class ProgressLine {
public:
    /// `what` is done, such as "epoch 3, augmentor"; `quiet` says nothing at all.
    explicit ProgressLine(std::string what, bool quiet = false);
    /// Ends a live line, so that what is printed next (an error, say) stands on its own.
    ~ProgressLine();
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

    /// `done` of `total` items. Cheap: may be called for every step.
    void update(std::int64_t done, std::int64_t total);
    /// The last line: how many in what time. Nothing if no update came.
    void finish();

private:
    using Clock = std::chrono::steady_clock;
    void print(const std::string& state, bool last);

    std::string what_;
    bool quiet_, terminal_;
    bool started_ = false, open_line_ = false;
    std::int64_t done_ = 0, total_ = 0;
    Clock::time_point begin_, printed_;
};

/// "1:02:03" or "2:03".
std::string clock_time(double seconds);

} // namespace poseaug::app
