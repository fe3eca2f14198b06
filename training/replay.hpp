#pragma once
#include "engine/stream.hpp"

namespace poseaug {

/// Replay pool of one discriminator: fakes of earlier steps mixed with new ones (method section 4). Lives through all
/// epochs.
template <class T> class Replay {
public:
    /// Throws Error unless `capacity` is 1 to kMaxPoolCapacity.
    Replay(Device& device, std::int64_t capacity, int rows)
        : capacity_(checked(capacity)), items_(device, capacity * rows), filled_(device, std::vector<std::int32_t>(1)) {
        items_.zero();
    }

    /// Writes to `shown` what the discriminator is shown in place of `fakes` (R, B), by `draws` (2, B) of coin and slot;
    /// part of a step.
    void exchange(Stream<T>& stream, View<T> fakes, View<T> draws, View<T> shown) {
        Call<T> call;
        call.attributes = Attributes::of(ReplayPool{items_.data(), filled_.data(), capacity_});
        call.in[0] = fakes;
        call.in[1] = draws;
        call.out[0] = shown;
        stream.run(replay_pool_procedure(), call);
    }
    DeviceArray<T>& items() { return items_; }
    DeviceArray<std::int32_t>& filled() { return filled_; }

private:
    static std::int64_t checked(std::int64_t capacity) {
        if (capacity < 1 || capacity > kMaxPoolCapacity)
            throw Error("a replay pool of " + std::to_string(capacity) + " fakes: it can hold 1 to " +
                        std::to_string(kMaxPoolCapacity));
        return capacity;
    }

    std::int64_t capacity_;
    DeviceArray<T> items_;
    DeviceArray<std::int32_t> filled_;
};

} // namespace poseaug
