#pragma once
#include "data/resident_poses.hpp"
#include "models/estimators.hpp"
#include "training/batches.hpp"
#include "training/error_sums.hpp"

namespace poseaug {

/// Estimates of images (32, B), hip-relative (48, B); with `flip` averaged with the mirrored image's.
template <class T> Var estimate(Tape<T>& tape, const Estimator& estimator, Network<T>& network, Var image, bool flip);

/// Errors of each pose, (35, B), as kErrorRows says. Both (48, B).
template <class T> Var pose_errors(Tape<T>& tape, Var estimate, Var truth);

/// Runs an estimator over a test set on its device and measures it there; the host reads sums over runs of poses.
template <class T> class Evaluator {
public:
    /// The clips of `set` name the actions. `arena` may be that of other steps, which it is then rewound for. `flip`: average with the mirrored image's estimate.
    Evaluator(Stream<T>& stream, Arena& arena, const PoseSet& set, const Estimator& estimator, Network<T>& network,
              bool flip);

    /// Queues an evaluation and its reading.
    void queue();
    /// What was queued, once the device has been synchronized.
    EvaluationResult result() const;
    /// All of it, by itself.
    EvaluationResult run() {
        queue();
        stream_.device().synchronize();
        return result();
    }

private:
    void step(int cols);

    Stream<T>& stream_;
    Arena& arena_;
    StepClock clock_;
    ResidentPoses<T> data_;
    const Estimator& estimator_;
    Network<T>& network_;
    bool flip_;
    DeviceArray<T> estimates_, errors_;
    ErrorSums<T> sums_;
    BatchSteps<T> steps_;
};

extern template class Evaluator<float>;
extern template class Evaluator<double>;

} // namespace poseaug
