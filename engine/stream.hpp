#pragma once
#include "engine/device.hpp"
#include "engine/work.hpp"

#include <memory>
#include <utility>
#include <vector>

namespace poseaug {

/// A recorded step: the calls in order, or on a GPU one graph of them. Replaying it repeats the step on the same
/// memory.
template <class T> class Plan {
public:
    Plan() = default;
    Plan(Plan&& other) noexcept { *this = std::move(other); }
    Plan& operator=(Plan&& other) noexcept {
        std::swap(calls_, other.calls_);
        std::swap(graph_, other.graph_);
        std::swap(device_, other.device_);
        return *this;
    }
    ~Plan() {
        if (graph_) device_->destroy(graph_);
    }

    bool empty() const { return calls_.empty(); }
    /// Launches of one replay.
    std::size_t size() const { return calls_.size(); }
    void replay() const;

private:
    template <class> friend class Stream;
    struct Step {
        Run<T> run;
        Call<T> call;
    };
    std::vector<Step> calls_;
    void* graph_ = nullptr;
    Device* device_ = nullptr;
};

/// When the calls run that a stream is sent by `beside`: in order with all others; on the device's side queue; or, so
/// that a test on the CPU sees what a GPU may do, only at the next `join`, the latest that a side queue could.
enum class Branches { in_order, side_by_side, held_back };

/// Sends calls to a device, and records them into a plan when asked.
template <class T> class Stream {
public:
    explicit Stream(Device& device)
        : device_(device), branches_(device.is_cuda() ? Branches::side_by_side : Branches::in_order) {}

    void run(const Op& op, Direction direction, const Call<T>& call) {
        send(op.name, op.entries<T>().of(direction), call);
        if (device_.is_dry()) note({op.name, direction, phase_, work_of(op, direction, call), {}});
    }
    void run(const Procedure& procedure, const Call<T>& call) {
        send(procedure.name, procedure.entry<T>(), call);
        if (device_.is_dry()) note({procedure.name, Direction::value, phase_, work_of(procedure, call), {}});
    }

    /// The calls that `f` sends, which run after all that was sent before, may run beside those that are sent after
    /// them, until `join`. Up to there nothing else may write what they read, nor read what they write.
    template <class F> void beside(F&& f) {
        struct Restore {
            bool& aside;
            const bool before;
            ~Restore() { aside = before; }
        } const restore{aside_, std::exchange(aside_, true)};
        f();
    }
    /// What is sent from here on runs after all that was sent beside it. Inside `beside` it does anyway.
    void join();
    /// Whether what is sent now is sent beside the rest.
    bool is_aside() const { return aside_; }
    /// How often what was sent beside has been joined.
    std::uint64_t joins() const { return joins_; }

    void run_branches(Branches how) { branches_ = how; }
    /// Whether there is use in sending calls beside others.
    bool has_branches() const { return branches_ != Branches::in_order; }

    /// Names the part of a step that the calls from here on belong to.
    void begin_phase(std::string_view phase) { phase_ = phase; }
    /// Where the calls that are sent to a dry device are noted; null: nowhere.
    void note_calls(std::vector<SentCall>* calls) { noted_ = calls; }

    /// Runs `step` once, joins, and returns its plan. Nothing inside may touch the host's view of device memory.
    template <class F> Plan<T> record(F&& step);

    /// Whether a RepeatedStep is to record its step and replay it, as it does by default, or to run it directly every
    /// time.
    void replay_steps(bool yes) { replays_steps_ = yes; }
    bool replays_steps() const { return replays_steps_; }

    Device& device() { return device_; }

private:
    using Step = typename Plan<T>::Step;
    void send(std::string_view name, const Entry<T>& entry, const Call<T>& call);
    void start(const Step& step, bool aside);
    void note(SentCall call);

    Device& device_;
    Plan<T>* recording_ = nullptr;
    bool replays_steps_ = true;
    Branches branches_;
    bool aside_ = false;    ///< within `beside`
    bool forked_ = false;   ///< the side queue waits for all that the main queue was given
    bool open_ = false;     ///< calls were sent beside and not joined
    bool rejoined_ = false; ///< and no call has been sent since
    std::uint64_t joins_ = 0;
    std::vector<Step> held_back_;
    std::string_view phase_;
    std::vector<SentCall>* noted_ = nullptr;
};

template <class T> void Stream<T>::send(std::string_view name, const Entry<T>& entry, const Call<T>& call) {
    const Run<T> function = device_.is_cuda() ? entry.cuda : entry.cpu;
    if (!function) throw Error(std::string(name) + ": has no code for the device " + device_.name());
    open_ |= aside_;
    if (aside_ && branches_ == Branches::held_back) held_back_.push_back({function, call});
    else start({function, call}, aside_ && has_branches());
}

template <class T> void Stream<T>::start(const Step& step, bool aside) {
    if (aside && !forked_) device_.fork();
    forked_ = aside;
    if (recording_) recording_->calls_.push_back(step);
    if (!device_.is_dry() || device_.is_cuda()) step.run(aside ? device_.side_queue() : device_.queue(), step.call);
}

template <class T> void Stream<T>::join() {
    if (aside_ || !open_) return;
    for (const Step& step : std::exchange(held_back_, {})) start(step, true);
    if (has_branches()) device_.join();
    open_ = forked_ = false;
    rejoined_ = true;
    ++joins_;
}

template <class T> void Stream<T>::note(SentCall call) {
    std::swap(call.launches, *device_.queue().launches);
    call.beside = aside_ && has_branches();
    call.rejoined = !aside_ && std::exchange(rejoined_, false);
    if (noted_) noted_->push_back(std::move(call));
}

template <class T> template <class F> Plan<T> Stream<T>::record(F&& step) {
    Plan<T> plan;
    plan.device_ = &device_;
    join();
    recording_ = &plan;
    device_.begin_capture();
    try {
        step();
        join();
    } catch (...) {
        recording_ = nullptr;
        open_ = forked_ = false;
        held_back_.clear();
        device_.destroy(device_.end_capture());
        throw;
    }
    recording_ = nullptr;
    plan.graph_ = device_.end_capture();
    if (plan.graph_) device_.launch(plan.graph_); // capturing ran nothing
    return plan;
}

template <class T> void Plan<T>::replay() const {
    if (graph_) return device_->launch(graph_);
    for (const Step& step : calls_) step.run(device_->queue(), step.call);
}

} // namespace poseaug
