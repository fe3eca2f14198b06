#pragma once
#include "engine/host_copy.hpp"
#include "engine/tape.hpp"

#include <map>
#include <string>
#include <vector>

namespace poseaug {

/// Sums scalars over a pass on the device, which the host reads once, and finds the first that was not finite.
class TermLog {
public:
    TermLog(Device& device, std::vector<std::string> names, const StepState* state);

    /// Adds `terms` to the sums from index `first` on; part of a step.
    template <class T> void accumulate(Tape<T>& tape, std::size_t first, const std::vector<Var>& terms) {
        for (std::size_t done = 0; done < terms.size(); done += kMaxInputs) {
            Call<T> call;
            call.attributes =
                Attributes::of(Accumulate{sums_.data() + first + done, first_bad_.data() + first + done, state_});
            for (std::size_t i = done; i < std::min(terms.size(), done + kMaxInputs); ++i)
                call.in[i - done] = tape.value(terms[i]);
            tape.stream().run(accumulate_procedure(), call);
        }
    }
    void reset();
    /// Queues the reading of the sums since the reset; the host has them after the device's next `synchronize`.
    void queue_read();
    /// The sums by name, as read. Throws Error naming the term that was not finite first, and the batch.
    std::map<std::string, double> figures(const std::string& pass) const;

private:
    std::vector<std::string> names_;
    DeviceArray<double> sums_;
    DeviceArray<std::int32_t> first_bad_;
    HostCopy<double> read_sums_;
    HostCopy<std::int32_t> read_first_bad_;
    const StepState* state_;
};

} // namespace poseaug
