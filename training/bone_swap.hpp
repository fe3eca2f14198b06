#pragma once
#include "data/resident_poses.hpp"
#include "engine/arena.hpp"
#include "training/batches.hpp"
#include "training/random_decisions.hpp"

namespace poseaug {

/// Step 1 of an epoch: every training pose with the bone lengths of a randomly drawn subject, and its 2D by projection.
template <class T> class BoneSwap {
public:
    /// templates: (subjects, 15) mean bone lengths, metres. extra_images: (n, 32) poses of which only the 2D is known;
    /// they stand behind the others' in `image`.
    BoneSwap(Stream<T>& stream, Arena& arena, StepClock& clock, const ResidentPoses<T>& data,
             const std::vector<T>& templates, const std::vector<T>& extra_images = {}, Memory where = Memory::device);

    void run(RandomDecisions<T>& random, int epoch);
    const DeviceArray<T>& joints() const { return joints_; } ///< (count, 48)
    const DeviceArray<T>& image() const { return image_; } ///< (images, 32): of the swapped poses, then the extra ones

private:
    void step(int cols);

    Stream<T>& stream_;
    Arena& arena_;
    StepClock& clock_;
    const ResidentPoses<T>& data_;
    DeviceArray<T> templates_, joints_, image_;
    DeviceArray<std::int32_t> choice_;
    BatchSteps<T> steps_;
};

extern template class BoneSwap<float>;
extern template class BoneSwap<double>;

} // namespace poseaug
