#pragma once
#include "engine/work.hpp"
#include "models/estimators.hpp"

#include <string>
#include <vector>

namespace poseaug::bench {

/// Whether it is one of the matrix products.
bool is_product(const SentCall& call);

/// What a device can do at its peak, by which a call takes what its memory or its arithmetic, and its launches, take. A
/// prediction that ranks: caches can beat it.
struct DeviceFloor {
    std::string name;
    double bytes_per_second = 0;
    double product_flops = 0; ///< a second, of matrix products
    double other_flops = 0;   ///< a second, of everything else
    double launch_seconds = 0;

    /// What a call takes at the peak, all its data in memory.
    double seconds(const SentCall& call) const;
    double arithmetic_seconds(const SentCall& call) const;
    double memory_seconds(const SentCall& call) const { return call.work.bytes / bytes_per_second; }
};

/// An H200 by its data sheet, products in float32, TF32 or BF16; and 1.5 us from one kernel of a graph to the next,
/// which is an assumption.
DeviceFloor h200_floor(const std::string& precision);

/// The calls of the parts of a training, counted without running them.
struct TrainingCalls {
    std::vector<SentCall> augmentor;      ///< one step, the discriminators at rest
    std::vector<SentCall> discriminators; ///< what a step that trains them adds
    std::vector<SentCall> both;           ///< the whole of such a step
    std::vector<SentCall> estimator;      ///< one step
    std::vector<SentCall> inference;      ///< of one batch
};

/// `kind`: "cpu" or "cuda", the latter in a build with CUDA only (Error otherwise); no GPU is needed.
TrainingCalls count_calls(const std::string& kind, const Estimator& estimator, int batch);

/// Calls of one kind, all together, with a weight for how often they occur.
struct CallCount {
    std::string name;
    double calls = 0, launches = 0;
    Work work;
    double floor_seconds = 0;

    void add(const SentCall& call, double times, const DeviceFloor& floor);
};

/// An iteration (one batch through an epoch): one augmentor step, half a step of the discriminators, two of the estimator.
struct IterationCount {
    std::vector<CallCount> phases; ///< in order
    std::vector<CallCount> ops;    ///< by op and direction, the longest first
    struct Kernel {
        std::string name;
        double launches = 0;
        std::int64_t threads = 0; ///< of a block
    };
    std::vector<Kernel> kernels; ///< the project's own, the most launched first
    CallCount total, inference;
    double side_by_side_seconds = 0; ///< of the total, where calls that are sent beside others run so
};
IterationCount count_iteration(const TrainingCalls& calls, const DeviceFloor& floor);

/// What calls take where those that were sent beside others overlap them: from a fork to its join as long as the slower
/// queue, but no less than the memory and the arithmetic of both, who share one chip.
double side_by_side_seconds(const std::vector<SentCall>& calls, const DeviceFloor& floor);

/// Sum of the work of some calls.
Work total_work(const std::vector<SentCall>& calls);

} // namespace poseaug::bench
