#pragma once
#include "data/resident_poses.hpp"
#include "training/batch_feed.hpp"
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
    /// `where` the augmented poses are kept.
    AugmentorPass(Stream<T>& stream, Arena& arena, StepClock& clock, RandomDecisions<T>& random,
                  PoseAugNetworks<T>& networks, const ResidentPoses<T>& data, const BoneSwap<T>& source,
                  const PoseAugSettings& settings, Memory where = Memory::device);

    /// Throws Error if a loss is not finite.
    Figures run(int epoch, const Progress& progress = {});

    /// The augmented set of the last run: `kept` pairs, pose-major, at the beginning of arrays with room for all.
    std::int64_t kept() const { return kept_; }
    const DeviceArray<T>& images() const { return images_; }
    const DeviceArray<T>& poses() const { return poses_; }

    /// Steps so far, through all epochs: on even ones the discriminators learn.
    std::int64_t& steps_taken() { return steps_taken_; }
    Replay<T>& pool(int q) { return q == 0 ? pool_3d_ : pool_2d_; }

private:
    void step(int cols, bool feedback, bool discriminators);
    void keep_poses(Tape<T>& tape, const Objective& o);
    /// Their gradients, from poses of the augmentor's forward. Returns their losses.
    std::array<View<T>, 2> learn_discriminators(const Tape<T>& before, const Objective& objective, int cols);
    void update_discriminators();
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
    BatchFeed<T> source_joints_, source_camera_, real_joints_, real_image_;
    Replay<T> pool_3d_, pool_2d_;
    DeviceArray<T> images_, poses_;
    DeviceArray<std::int32_t> kept_count_;
    HostCopy<std::int32_t> read_kept_;
    DeviceArray<T> hardness_; ///< of the epoch, so that steps once recorded serve all epochs
    std::int64_t kept_ = 0, steps_taken_ = 0;
    TermLog log_;
    BatchSteps<T> steps_[2][2]; ///< without and with the feedback, without and with the discriminators
};

extern template class AugmentorPass<float>;
extern template class AugmentorPass<double>;

} // namespace poseaug
