#pragma once
#include "engine/stream.hpp"

#include <functional>

namespace poseaug {

/// The device's StepState with the host's account of it: every step of a training draws from the next counter.
class StepClock {
public:
    explicit StepClock(Device& device) : state_(device, std::vector<StepState>(1)) {}

    StepState* state() const { return state_.data(); }
    std::uint64_t counter() const { return counter_; }
    void set_counter(std::uint64_t counter) {
        counter_ = counter;
        begin_pass();
    }
    /// The next step takes the first batch.
    void begin_pass() { state_.upload({StepState{counter_, 0, 0}}); }
    /// Ends a step that has no figures (see TermLog): queues the device's advance.
    template <class T> void advance(Stream<T>& stream) {
        Call<T> call;
        call.attributes = Attributes::of(EndStep{nullptr, nullptr, state_.data()});
        stream.run(end_step_procedure(), call);
    }
    /// The host's half, once a step that was run or replayed.
    void stepped() { ++counter_; }

private:
    DeviceArray<StepState> state_;
    std::uint64_t counter_ = 0;
};

/// A step of fixed shapes, run again and again: directly at first (memory and libraries settle), recorded at the
/// second time, replayed from then on.
template <class T> class RepeatedStep {
public:
    template <class F> void run(Stream<T>& stream, F&& step) {
        if (!plan_.empty()) plan_.replay();
        else if (++runs_ == 1 || !stream.replays_steps()) step();
        else plan_ = stream.record(step);
    }
    /// Launches of one replay; 0 before it is recorded.
    std::size_t size() const { return plan_.size(); }

private:
    int runs_ = 0;
    Plan<T> plan_;
};

/// Told after every step: steps done and steps in all.
using Progress = std::function<void(std::int64_t done, std::int64_t total)>;

} // namespace poseaug
