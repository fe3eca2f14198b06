#pragma once
#include "data/pose_set.hpp"
#include "engine/device.hpp"
#include "kernels/step/shuffle.hpp"

#include <type_traits>
#include <vector>

namespace poseaug {

/// A set of poses that a device works on, pose-major, in its memory or in the host's; batches are gathered (and transposed) from it.
template <class T> struct ResidentPoses {
    std::int64_t count = 0;
    DeviceArray<T> joints; ///< (count, 48) metres, camera space
    DeviceArray<T> image;  ///< (count, 32) normalised
    DeviceArray<T> camera; ///< (count, 9); empty where unknown

    ResidentPoses(Device& device, const std::vector<T>& joint_values, const std::vector<T>& image_values,
                  const std::vector<T>& camera_values, Memory where = Memory::device)
        : count(static_cast<std::int64_t>(joint_values.size() / 48)), joints(device, joint_values, where),
          image(device, image_values, where), camera(device, camera_values, where) {
        expect_items(count);
    }
    ResidentPoses(Device& device, const PoseSet& set, Memory where = Memory::device)
        : ResidentPoses(device, converted(set.joints), converted(set.image), converted(set.camera), where) {}
    /// Without cameras.
    ResidentPoses(Device& device, const std::vector<float>& joint_values, const std::vector<float>& image_values)
        : ResidentPoses(device, converted(joint_values), converted(image_values), std::vector<T>{}, Memory::device) {}

private:
    /// Without a copy where none is needed: sets are large.
    static decltype(auto) converted(const std::vector<float>& values) {
        if constexpr (std::is_same_v<T, float>) return (values);
        else return std::vector<T>(values.begin(), values.end());
    }
};

} // namespace poseaug
