#pragma once
#include "engine/steps.hpp"
#include "kernels/step/shuffle.hpp"

namespace poseaug {

/// The shuffled orders of a PoseAug epoch.
enum class Order : std::uint32_t { source, real_3d, real_2d, augmented, original };

/// Every random decision of a training, so that a test can supply them. Arrays are memory of the device.
template <class T> class RandomDecisions {
public:
    virtual ~RandomDecisions() = default;
    /// A permutation of 0..n-1.
    virtual void order(Order which, int epoch, std::int32_t* to, std::int64_t n) = 0;
    /// For each of n poses the subject (0..subjects-1) whose bone lengths it gets.
    virtual void swap(int epoch, std::int32_t* to, std::int64_t n, std::int32_t subjects) = 0;
    /// Called by the host before each augmentor step.
    virtual void before_step(int epoch, std::int64_t step, int cols) = 0;
    /// Standard normal draws for the four parts of the augmentor, one above the other; part of the step.
    virtual void noise(Stream<T>& stream, View<T> to) = 0;
    /// Coin and slot (2, B) of each fake for pool q (0: 3D, 1: 2D); part of the step.
    virtual void pool(Stream<T>& stream, int q, std::int64_t capacity, View<T> to) = 0;
    /// Key of the dropout of the pass whose streams start at `stream`.
    virtual RandomKey dropout(std::uint32_t stream) = 0;
};

/// The production source: all from Philox, keyed by the seed, the epoch and the step's counter. Nothing of it is state
/// but the counter, so that a resumed run draws what the unbroken one would have.
template <class T> class PhiloxDecisions final : public RandomDecisions<T> {
public:
    PhiloxDecisions(Device& device, std::uint64_t seed, const StepState* state)
        : device_(device), seed_(seed), state_(state) {}
    void order(Order which, int epoch, std::int32_t* to, std::int64_t n) override;
    void swap(int epoch, std::int32_t* to, std::int64_t n, std::int32_t subjects) override;
    void before_step(int, std::int64_t, int) override {}
    void noise(Stream<T>& stream, View<T> to) override;
    void pool(Stream<T>& stream, int q, std::int64_t capacity, View<T> to) override;
    RandomKey dropout(std::uint32_t stream) override { return {seed_, state_, stream}; }

private:
    Device& device_;
    std::uint64_t seed_;
    const StepState* state_;
    DeviceArray<std::byte> scratch_;
};

/// Streams of a step's counter; those of an epoch (orders, swaps) lie above and carry the epoch in their high bits.
namespace random_stream {
inline constexpr std::uint32_t kNoise = 0, kPool = 8, kSourcePass = 32, kAugmentedPass = 64, kFit = 96, kOrder = 128,
                               kSwap = 160;
inline constexpr std::uint32_t of_epoch(std::uint32_t stream, int epoch) {
    return stream | static_cast<std::uint32_t>(epoch) << 8;
}
} // namespace random_stream

extern template class PhiloxDecisions<float>;
extern template class PhiloxDecisions<double>;

} // namespace poseaug
