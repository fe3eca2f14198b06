#pragma once
#include "data/pose_set.hpp"
#include "engine/device.hpp"
#include "kernels/step/shuffle.hpp"

#include <vector>

namespace poseaug {

/// A set of poses in a device's memory, pose-major; batches are gathered (and transposed) from it.
template <class T> struct ResidentPoses {
    std::int64_t count = 0;
    DeviceArray<T> joints; ///< (count, 48) metres, camera space
    DeviceArray<T> image;  ///< (count, 32) normalised
    DeviceArray<T> camera; ///< (count, 9); empty where unknown

    ResidentPoses(Device& device, const std::vector<T>& joint_values, const std::vector<T>& image_values,
                  const std::vector<T>& camera_values)
        : count(static_cast<std::int64_t>(joint_values.size() / 48)), joints(device, joint_values),
          image(device, image_values), camera(device, camera_values) {
        expect_items(count);
    }
    ResidentPoses(Device& device, const PoseSet& set)
        : ResidentPoses(device, {set.joints.begin(), set.joints.end()}, {set.image.begin(), set.image.end()},
                        {set.camera.begin(), set.camera.end()}) {}
};

} // namespace poseaug
