#include "data/fingerprint.hpp"

#include <fmt/format.h>

#include <cmath>

namespace poseaug {

std::string fingerprint(const float* values, std::size_t count) {
    std::uint64_t hash = 0xcbf29ce484222325; // FNV-1a
    for (std::size_t i = 0; i < count; ++i) {
        auto rounded = static_cast<std::uint64_t>(std::llround(1e4 * static_cast<double>(values[i])));
        for (int byte = 0; byte < 8; ++byte, rounded >>= 8) hash = (hash ^ (rounded & 0xff)) * 0x100000001b3;
    }
    return fmt::format("{:08x}", static_cast<std::uint32_t>(hash ^ hash >> 32));
}

std::vector<std::string> clip_fingerprints(const PoseSet& set) {
    std::vector<std::string> all;
    for (const Clip& clip : set.clips)
        all.push_back(fingerprint(&set.joints[static_cast<std::size_t>(clip.first) * 48], 48));
    return all;
}

} // namespace poseaug
