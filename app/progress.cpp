#include "app/progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <unistd.h>

namespace poseaug::app {

namespace {

double seconds_between(std::chrono::steady_clock::time_point from, std::chrono::steady_clock::time_point to) {
    return std::chrono::duration<double>(to - from).count();
}

std::string rate_of(double items, double seconds) {
    const double rate = seconds > 0 ? items / seconds : 0;
    return rate < 10 ? fmt::format("{:.2g}/s", rate) : fmt::format("{:.0f}/s", rate);
}

} // namespace

std::string clock_time(double seconds) {
    const auto whole = static_cast<std::int64_t>(std::llround(seconds));
    if (whole >= 3600) return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
    return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

ProgressLine::ProgressLine(std::string what, bool quiet)
    : what_(std::move(what)), quiet_(quiet), terminal_(::isatty(STDERR_FILENO) == 1), begin_(Clock::now()),
      printed_(begin_) {}

ProgressLine::~ProgressLine() {
    if (open_line_) std::fputc('\n', stderr);
}

void ProgressLine::update(std::int64_t done, std::int64_t total) {
    if (quiet_) return;
    const Clock::time_point now = Clock::now();
    if (done < done_) begin_ = printed_ = now;
    started_ = true;
    done_ = done;
    total_ = total;
    const double between_lines = terminal_ ? 0.1 : 10.0;
    if (seconds_between(printed_, now) < between_lines) return;
    printed_ = now;
    const double spent = seconds_between(begin_, now),
                 share = static_cast<double>(done) / static_cast<double>(std::max<std::int64_t>(1, total));
    const std::string left = share > 0 ? clock_time(spent * (1 / share - 1)) + " left" : "";
    print(fmt::format("{} of {} ({:.0f} %), {}, {}", done, total, 100 * share,
                      rate_of(static_cast<double>(done), spent), left),
          false);
}

void ProgressLine::finish() {
    if (quiet_ || !started_) return;
    const double spent = seconds_between(begin_, Clock::now());
    print(fmt::format("{} in {}, {}", done_, spent < 60 ? fmt::format("{:.1f} s", spent) : clock_time(spent),
                      rate_of(static_cast<double>(done_), spent)),
          true);
    started_ = false;
    done_ = 0;
}

void ProgressLine::print(const std::string& state, bool last) {
    const std::string text = what_ + ": " + state;
    if (terminal_) std::fprintf(stderr, "\r%s\x1b[K%s", text.c_str(), last ? "\n" : "");
    else std::fprintf(stderr, "%s\n", text.c_str());
    open_line_ = terminal_ && !last;
    std::fflush(stderr);
}

} // namespace poseaug::app
