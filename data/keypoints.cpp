#include "data/keypoints.hpp"

#include "data/keypoint_readers.hpp"
#include "kernels/error.hpp"

#include <algorithm>

namespace poseaug {

KeypointPoses load_keypoints(const std::filesystem::path& source, const KeypointOptions& options) {
    KeypointFrames frames(source, options);
    if (!std::filesystem::exists(source)) throw Error(source.string() + ": there is no such file or folder");
    if (std::filesystem::is_directory(source)) read_keypoint_folder(source, frames);
    else if (source.extension() == ".json") read_keypoint_json(source, frames);
    else read_keypoint_arrays(source, frames);
    return frames.finish();
}

std::vector<float> load_extra_2d(const std::filesystem::path& source, KeypointCounts* counts) {
    KeypointOptions options;
    options.person = "all";
    options.missing = MissingPolicy::drop;
    const KeypointPoses poses = load_keypoints(source, options);
    std::vector<float> kept;
    constexpr std::ptrdiff_t row = 2 * kJoints;
    for (std::ptrdiff_t i = 0; i < poses.size(); ++i)
        if (poses.valid[static_cast<std::size_t>(i)])
            kept.insert(kept.end(), poses.image.begin() + i * row, poses.image.begin() + (i + 1) * row);
    if (counts) *counts = poses.counts;
    return kept;
}

} // namespace poseaug
