#pragma once
#include "engine/host_copy.hpp"
#include "engine/stream.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <string>
#include <vector>

namespace poseaug {

/// Sums figures over a pass on the device, which the host reads once, and finds the first that was not finite.
class TermLog {
public:
    /// At most kMaxFigures names.
    TermLog(Device& device, std::vector<std::string> names, StepState* state);

    /// Ends a step: queues the sums of its losses, whose rows are the first of the names, and the advance of its state.
    template <class T> void end_step(Stream<T>& stream, const std::vector<View<T>>& losses) {
        Call<T> call;
        call.attributes = Attributes::of(EndStep{sums_.data(), first_bad_.data(), state_});
        expect_names(losses.size(), std::accumulate(losses.begin(), losses.end(), 0,
                                                    [](int rows, const View<T>& loss) { return rows + loss.rows; }));
        std::copy(losses.begin(), losses.end(), call.in);
        stream.run(end_step_procedure(), call);
    }
    void reset();
    /// Queues the reading of the sums since the reset; the host has them after the device's next `synchronize`.
    void queue_read();
    /// The sums by name, as read. Throws Error naming the term that was not finite first, and the batch.
    std::map<std::string, double> figures(const std::string& pass) const;

private:
    void expect_names(std::size_t losses, int rows) const;

    std::vector<std::string> names_;
    DeviceArray<double> sums_;
    DeviceArray<std::int32_t> first_bad_;
    HostCopy<double> read_sums_;
    HostCopy<std::int32_t> read_first_bad_;
    StepState* state_;
};

} // namespace poseaug
