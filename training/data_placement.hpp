#pragma once
#include "engine/device.hpp"

#include <string>
#include <string_view>

namespace poseaug {

/// Where a run is to keep its poses: wherever there is room, in the device's memory, or in the host's.
enum class DataMemory { automatic, device, host };

/// "auto", "device", "host". Throws Error for anything else.
DataMemory find_data_memory(std::string_view name);

/// What a run keeps of its poses.
struct DataNeeds {
    std::int64_t poses = 0, extra_images = 0;
    bool augments = false;      ///< PoseAug: swapped and augmented poses beside the original ones
    std::size_t step_bytes = 0; ///< of a step's tensors
};

/// Where the arrays of a run's poses lie. Their orders are always in the device's memory.
struct DataPlacement {
    Memory poses = Memory::device;     ///< the training poses: joints, images, cameras
    Memory swapped = Memory::device;   ///< those with other bone lengths
    Memory augmented = Memory::device; ///< those that the augmentor made
    std::string text;                  ///< for people
};

/// `automatic`: as much as there is room for on the device beside a step and networks, what is read most often first. Bits
/// of the results do not depend on it.
DataPlacement place_data(const Device& device, DataMemory wanted, const DataNeeds& needs);

} // namespace poseaug
