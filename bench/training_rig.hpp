#pragma once
#include "bench/training_memory.hpp"
#include "training/augmentor_pass.hpp"
#include "training/estimator_fit.hpp"

namespace poseaug::bench {

/// A PoseAug training of one estimator at published widths, on random poses, in an epoch whose feedback is active; its
/// steps by themselves.
class TrainingRig {
public:
    /// `batches` of `batch` poses each; at least two.
    TrainingRig(Device& device, const Estimator& estimator, int batch, int batches);

    /// Each runs one step a batch; `progress` is told after each. Every second step of the augmentor, from the first on,
    /// trains the discriminators too.
    void augmentor_steps(const Progress& progress);
    void estimator_steps(const Progress& progress);
    void estimates(const Progress& progress);

    std::int64_t poses() const { return data_.count; }
    /// What it holds of networks, and of activations of the steps that were run.
    TrainingMemory memory();
    Stream<float>& stream() { return stream_; }

private:
    int batch_;
    Stream<float> stream_;
    Arena arena_;
    StepClock clock_;
    PhiloxDecisions<float> random_;
    PoseAugNetworks<float> networks_;
    ResidentPoses<float> data_;
    BoneSwap<float> source_;
    AugmentorPass<float> pass_;
    EstimatorFit<float> fit_;
    DeviceArray<std::int32_t> order_;
    RepeatedStep<float> estimate_;
};

/// Random poses in metres, the cameras that see them, and their images. On a dry device, cleared memory.
ResidentPoses<float> random_poses(Stream<float>& stream, int count);

inline constexpr int kActiveEpoch = 5; ///< past the warm-up, so that the estimator's feedback is part of the loss

} // namespace poseaug::bench
