#pragma once
#include "data/resident_poses.hpp"
#include "training/bone_swap.hpp"
#include "training/networks.hpp"
#include "training/objective.hpp"
#include "training/replay.hpp"
#include "training/term_log.hpp"

#include <map>
#include <string>

namespace poseaug {

/// Means over an epoch's augmentor pass, by name: losses and discriminator accuracies.
using Figures = std::map<std::string, double>;

/// Step 2 of an epoch: trains augmentor and discriminators batch by batch, and keeps the rotated poses whose 2D lies
/// within the image.
template <class T> class AugmentorPass {
public:
    AugmentorPass(Stream<T>& stream, Arena& arena, StepClock& clock, RandomDecisions<T>& random,
                  PoseAugNetworks<T>& networks, const ResidentPoses<T>& data, const BoneSwap<T>& source,
                  const PoseAugSettings& settings);

    /// Throws Error if a loss is not finite.
    Figures run(int epoch, const Progress& progress = {});

    /// The augmented set of the last run: `kept` pairs, pose-major.
    std::int64_t kept() const { return kept_; }
    const T* images() const { return images_.data(); }
    const T* poses() const { return poses_.data(); }

    /// Steps so far, through all epochs: on even ones the discriminators learn.
    std::int64_t& steps_taken() { return steps_taken_; }
    Replay<T>& pool(int q) { return q == 0 ? pool_3d_ : pool_2d_; }

private:
    void step(int epoch, int cols, bool discriminators);
    void learn_discriminators(Tape<T>& before, const Objective& objective, int cols);
    Figures read_figures(int epoch, std::int64_t steps, std::int64_t discriminator_steps);

    Stream<T>& stream_;
    Arena& arena_;
    StepClock& clock_;
    RandomDecisions<T>& random_;
    PoseAugNetworks<T>& networks_;
    const ResidentPoses<T>& data_;
    const BoneSwap<T>& source_;
    PoseAugSettings settings_;
    Adam adam_;
    DeviceArray<std::int32_t>
        orders_[3]; ///< source, real 3D, real 2D: an epoch takes as many of each as there are sources
    Replay<T> pool_3d_, pool_2d_;
    DeviceArray<T> images_, poses_;
    DeviceArray<std::int32_t> kept_count_;
    HostCopy<std::int32_t> read_kept_;
    std::int64_t kept_ = 0, steps_taken_ = 0;
    TermLog log_;
};

extern template class AugmentorPass<float>;
extern template class AugmentorPass<double>;

} // namespace poseaug
