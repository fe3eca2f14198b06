#pragma once
#include "training/augmentor_pass.hpp"
#include "training/data_placement.hpp"
#include "training/estimator_fit.hpp"

#include <functional>
#include <string>

namespace poseaug {

/// One epoch of PoseAug training, as it is logged.
struct EpochReport {
    int epoch = 0;
    Figures figures;       ///< losses and accuracies, means over the epoch
    std::int64_t kept = 0; ///< augmented poses within the image
};

/// What is done after each of an epoch's two estimator passes, "augmented" and "original". Either may be empty.
struct AfterPass {
    std::function<void()> queue; ///< queues more work on the device, such as an evaluation, and its reading
    std::function<void(const std::string& pass)> read; ///< once the device has done it, and the pass went well
};

/// The PoseAug training loop (method section 4), resident on one device: no batch visits the host.
template <class T> class PoseAugTrainer {
public:
    /// `data` and `networks` must outlive the trainer. templates: (subjects, 15) mean bone lengths in metres.
    /// extra_images: (n, 32) 2D poses of another data set; shuffled together with the training poses' 2D they are the
    /// real samples of the 2D discriminator, of which an epoch takes as many as there are training poses. `placement` says
    /// where the trainer's own poses are kept.
    PoseAugTrainer(Stream<T>& stream, StepClock& clock, RandomDecisions<T>& random, PoseAugNetworks<T>& networks,
                   const ResidentPoses<T>& data, const std::vector<T>& templates, const PoseAugSettings& settings,
                   const std::vector<T>& extra_images = {}, const DataPlacement& placement = {});

    /// Runs epoch k (from 1). Throws Error for a non-finite loss, or when no augmented pose is left to train on.
    EpochReport epoch(int k, const AfterPass& after_pass = {}, const Progress& progress = {});

    AugmentorPass<T>& augmentor_pass() { return augmentor_pass_; }
    /// The memory of its steps, for other steps that run between them.
    Arena& arena() { return arena_; }

private:
    void set_rates(int k);

    Stream<T>& stream_;
    RandomDecisions<T>& random_;
    PoseAugNetworks<T>& networks_;
    const ResidentPoses<T>& data_;
    PoseAugSettings settings_;
    Arena arena_;
    BoneSwap<T> swap_;
    AugmentorPass<T> augmentor_pass_;
    EstimatorFit<T> fit_;
    DeviceArray<std::int32_t> order_;
};

extern template class PoseAugTrainer<float>;
extern template class PoseAugTrainer<double>;

} // namespace poseaug
