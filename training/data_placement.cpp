#include "training/data_placement.hpp"

#include <algorithm>
#include <array>

namespace poseaug {

namespace {

constexpr std::string_view kNames[] = {"auto", "device", "host"};
constexpr std::size_t kJointBytes = 48 * sizeof(float), kImageBytes = 32 * sizeof(float),
                      kCameraBytes = 9 * sizeof(float);
/// For networks, test sets and libraries.
constexpr std::size_t kRoomForNetworks = std::size_t{4} << 30;
/// Of a pose, always on the device: four orders, its subject, and what sorting keys takes.
constexpr std::size_t kOrderBytes = 5 * sizeof(std::int32_t) + 24;

struct Group {
    const char* name;
    std::size_t bytes;
    Memory* place;
};

std::string size_text(std::size_t bytes) { return std::to_string((bytes + (1 << 20) - 1) >> 20) + " MiB"; }

std::string describe(const std::array<Group, 3>& groups, Memory where) {
    std::string names;
    std::size_t bytes = 0;
    for (const Group& group : groups) {
        if (group.bytes == 0 || *group.place != where) continue;
        names += (names.empty() ? "" : ", ") + std::string(group.name);
        bytes += group.bytes;
    }
    return names.empty() ? "" : names + " (" + size_text(bytes) + ")";
}

std::string describe(const std::array<Group, 3>& groups) {
    const std::string near = describe(groups, Memory::device), far = describe(groups, Memory::host);
    std::string text;
    if (!near.empty()) text = near + " in the device's memory";
    if (!far.empty()) text += (text.empty() ? "" : "; ") + far + " in the host's, fetched a step ahead";
    return text;
}

} // namespace

DataMemory find_data_memory(std::string_view name) {
    for (const DataMemory memory : {DataMemory::automatic, DataMemory::device, DataMemory::host})
        if (kNames[static_cast<int>(memory)] == name) return memory;
    throw Error("data memory '" + std::string(name) + "' is none of auto, device, host");
}

DataPlacement place_data(const Device& device, DataMemory wanted, const DataNeeds& needs) {
    const auto poses = static_cast<std::size_t>(needs.poses), images = static_cast<std::size_t>(needs.extra_images);
    const std::size_t made = needs.augments ? poses : 0;
    DataPlacement placement;
    const std::array<Group, 3> groups = {
        Group{"swapped poses", made * (kJointBytes + kImageBytes) + images * kImageBytes, &placement.swapped},
        Group{"training poses", poses * (kJointBytes + kImageBytes + kCameraBytes), &placement.poses},
        Group{"augmented poses", made * (kJointBytes + kImageBytes), &placement.augmented}};
    const std::size_t room = kRoomForNetworks + needs.step_bytes + poses * kOrderBytes;
    std::size_t left = device.free_bytes() - std::min(device.free_bytes(), room);
    for (const Group& group : groups) {
        const bool fits = group.bytes <= left;
        *group.place =
            wanted == DataMemory::host || (wanted == DataMemory::automatic && !fits) ? Memory::host : Memory::device;
        if (*group.place == Memory::device && fits) left -= group.bytes;
    }
    placement.text = describe(groups);
    return placement;
}

} // namespace poseaug
