#pragma once
#include "models/estimators.hpp"
#include "training/batch_feed.hpp"
#include "training/random_decisions.hpp"
#include "training/term_log.hpp"

#include <map>
#include <tuple>

namespace poseaug {

/// Trains the estimator on pairs of 2D and 3D poses: mean squared error of hip-relative poses, Adam behind a clip.
template <class T> class EstimatorFit {
public:
    EstimatorFit(Stream<T>& stream, Arena& arena, StepClock& clock, RandomDecisions<T>& random,
                 const Estimator& estimator, Network<T>& network, int batch, double dropout, const Adam& adam);

    /// Queues one pass over the first `count` of an order of pairs (image (n, 32), joints (n, 48), pose-major), and the
    /// reading of its loss. All of the order must be pairs. A last batch of one is skipped.
    void queue(const DeviceArray<T>& image, const DeviceArray<T>& joints, const DeviceArray<std::int32_t>& order,
               std::int64_t count, const Progress& progress = {});
    /// The mean loss of the pass that was queued, once the device has been synchronized; `name` is the pass's. Throws
    /// Error if it is not finite.
    double loss(const std::string& name) const;
    /// All of it.
    double pass(const DeviceArray<T>& image, const DeviceArray<T>& joints, const DeviceArray<std::int32_t>& order,
                std::int64_t count, const std::string& name, const Progress& progress = {}) {
        queue(image, joints, order, count, progress);
        stream_.device().synchronize();
        return loss(name);
    }

private:
    /// What a pass takes its batches from; recorded steps hold on to it.
    struct Source {
        BatchFeed<T> image, joints;
        BatchSteps<T> steps;
    };
    Source& source_of(const DeviceArray<T>& image, const DeviceArray<T>& joints,
                      const DeviceArray<std::int32_t>& order);
    void step(Source& source, int cols);

    Stream<T>& stream_;
    Arena& arena_;
    StepClock& clock_;
    RandomDecisions<T>& random_;
    const Estimator& estimator_;
    Network<T>& network_;
    int batch_;
    double dropout_;
    Adam adam_;
    TermLog log_;
    std::map<std::tuple<const T*, const T*, const std::int32_t*>, Source> sources_; ///< by image, joints and order
    std::int64_t taken_ = 0;                                                        ///< steps of the last pass
};

extern template class EstimatorFit<float>;
extern template class EstimatorFit<double>;

} // namespace poseaug
