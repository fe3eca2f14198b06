#pragma once
#include "data/resident_poses.hpp"
#include "engine/arena.hpp"
#include "training/random_decisions.hpp"

namespace poseaug {

/// Step 1 of an epoch: every training pose with the bone lengths of a randomly drawn subject, and its 2D by projection.
template <class T> class BoneSwap {
public:
    /// templates: (subjects, 15) mean bone lengths, metres.
    BoneSwap(Stream<T>& stream, Arena& arena, StepClock& clock, const ResidentPoses<T>& data,
             const std::vector<T>& templates);

    void run(RandomDecisions<T>& random, int epoch);
    const T* joints() const { return joints_.data(); } ///< (count, 48)
    const T* image() const { return image_.data(); }   ///< (count, 32)

private:
    void step(int cols);

    Stream<T>& stream_;
    Arena& arena_;
    StepClock& clock_;
    const ResidentPoses<T>& data_;
    DeviceArray<T> templates_, joints_, image_;
    DeviceArray<std::int32_t> choice_;
    RepeatedStep<T> whole_batch_;
};

extern template class BoneSwap<float>;
extern template class BoneSwap<double>;

} // namespace poseaug
