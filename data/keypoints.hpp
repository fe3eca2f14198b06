#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace poseaug {

/// What becomes of a frame in which joints are missing (not detected, or below the least confidence).
enum class MissingPolicy : std::uint8_t {
    interpolate, ///< between the frames before and after, over gaps of at most `max_gap` frames; what is left is filled
    fill,        ///< from the joints of the same frame: a standing figure of their size, hung onto them
    drop,        ///< the frame is invalid
    refuse       ///< an Error names the frame
};

/// How 2D keypoints are read.
struct KeypointOptions {
    std::string layout;             ///< "coco", "body25", "openpose18", "h36m"; empty: what the file says
    int width = 0, height = 0;      ///< of the image in pixels, instead of what the file says; 0: the file says it
    std::string person = "largest"; ///< of several in a frame: "largest", "best" (confidence), "all", or "0", "1", ...
    std::string sequence;           ///< only this sequence, or those whose name continues it after a '/'; empty: all
    double min_confidence = 0;      ///< joints detected with less confidence are missing
    MissingPolicy missing = MissingPolicy::interpolate;
    int max_gap = 10; ///< longest run of frames that is interpolated over
};

/// Frames that follow each other (`in_time`), or pictures in no order, one `first + count` range of rows.
struct KeypointSequence {
    std::string name;
    bool in_time = true;
    std::int64_t first = 0, count = 0;
};

/// What was found and what was done about missing joints.
struct KeypointCounts {
    std::int64_t frames = 0;       ///< rows
    std::int64_t empty = 0;        ///< of these without the person
    std::int64_t interpolated = 0; ///< joints
    std::int64_t filled = 0;       ///< joints
    std::int64_t dropped = 0;      ///< rows that are invalid in the end
};

/// 2D poses of the 16 joints with where they come from, in the order of the source.
struct KeypointPoses {
    std::string source;             ///< for people: "MMPose JSON, coco"
    std::vector<float> image;       ///< (n, 16, 2) normalised image coordinates; NaN in rows that are not valid
    std::vector<bool> valid;        ///< n
    std::vector<std::string> frame; ///< n names: numbers, or file names
    std::vector<int> person;        ///< n; the person's place in its frame, -1 for nobody
    std::vector<KeypointSequence> sequences;
    KeypointCounts counts;
    std::int64_t size() const { return static_cast<std::int64_t>(valid.size()); }
};

/// Reads 2D poses of COCO-17, OpenPose BODY_25 and 18, or Human3.6M-17 and 16 keypoints as the 16 joints: VideoPose3D's
/// .npz (`positions_2d`), MMPose, OpenPose and COCO JSON, a folder of JSON files, one a frame, and our own .npz
/// (`pose2d`). docs/formats.md describes each, and how joints are mapped and filled. Frames keep their order and
/// number. Throws Error naming the file and what is wrong in it, also if no row is valid.
KeypointPoses load_keypoints(const std::filesystem::path& source, const KeypointOptions& options);

/// Complete poses of every person in any source that `load_keypoints` takes: (n, 16, 2) normalised, n at least 1. Poses
/// with a missing joint are left out; `counts`, where given, says how many (`dropped` of `frames`).
std::vector<float> load_extra_2d(const std::filesystem::path& source, KeypointCounts* counts = nullptr);

} // namespace poseaug
