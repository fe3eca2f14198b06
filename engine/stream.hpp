#pragma once
#include "engine/device.hpp"
#include "engine/work.hpp"

#include <memory>
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
    void replay();

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

/// Sends calls to a device, and records them into a plan when asked.
template <class T> class Stream {
public:
    explicit Stream(Device& device) : device_(device) {}

    void run(const Op& op, Direction direction, const Call<T>& call) {
        send(op.name, op.entries<T>().of(direction), call);
        if (device_.is_dry()) note({op.name, direction, phase_, work_of(op, direction, call), {}});
    }
    void run(const Procedure& procedure, const Call<T>& call) {
        send(procedure.name, procedure.entry<T>(), call);
        if (device_.is_dry()) note({procedure.name, Direction::value, phase_, work_of(procedure, call), {}});
    }

    /// Names the part of a step that the calls from here on belong to.
    void begin_phase(std::string_view phase) { phase_ = phase; }
    /// Where the calls that are sent to a dry device are noted; null: nowhere.
    void note_calls(std::vector<SentCall>* calls) { noted_ = calls; }

    /// Runs `step` once and returns its plan. Nothing inside may touch the host's view of device memory.
    template <class F> Plan<T> record(F&& step) {
        Plan<T> plan;
        plan.device_ = &device_;
        recording_ = &plan;
        device_.begin_capture();
        try {
            step();
        } catch (...) {
            recording_ = nullptr;
            device_.destroy(device_.end_capture());
            throw;
        }
        recording_ = nullptr;
        plan.graph_ = device_.end_capture();
        if (plan.graph_) device_.launch(plan.graph_); // capturing ran nothing
        return plan;
    }

    /// Whether a RepeatedStep is to record its step and replay it, as it does by default, or to run it directly every
    /// time.
    void replay_steps(bool yes) { replays_steps_ = yes; }
    bool replays_steps() const { return replays_steps_; }

    Device& device() { return device_; }

private:
    void send(std::string_view name, const Entry<T>& entry, const Call<T>& call) {
        const Run<T> function = device_.is_cuda() ? entry.cuda : entry.cpu;
        if (!function) throw Error(std::string(name) + ": has no code for the device " + device_.name());
        if (recording_) recording_->calls_.push_back({function, call});
        if (!device_.is_dry() || device_.is_cuda()) function(device_.queue(), call);
    }
    void note(SentCall call) {
        std::swap(call.launches, *device_.queue().launches);
        if (noted_) noted_->push_back(std::move(call));
    }

    Device& device_;
    Plan<T>* recording_ = nullptr;
    bool replays_steps_ = true;
    std::string_view phase_;
    std::vector<SentCall>* noted_ = nullptr;
};

template <class T> void Plan<T>::replay() {
    if (graph_) return device_->launch(graph_);
    for (const Step& step : calls_) step.run(device_->queue(), step.call);
}

} // namespace poseaug
