#include "data/keypoint_json.hpp"
#include "data/keypoint_readers.hpp"
#include "kernels/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace poseaug {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kOpenPoseEnd = "_keypoints";

/// A file of a frame, by the parts of its name: "walk_0012_keypoints.json" is frame 12 of "walk_".
struct FramePath {
    fs::path file;
    std::string prefix, number; ///< digits without leading zeros

    explicit FramePath(fs::path path) : file(std::move(path)) {
        prefix = file.stem().string();
        if (prefix.ends_with(kOpenPoseEnd)) prefix.resize(prefix.size() - kOpenPoseEnd.size());
        const std::size_t digits = prefix.find_last_not_of("0123456789") + 1;
        number = prefix.substr(digits);
        prefix.resize(digits);
        if (!number.empty()) number.erase(0, std::min(number.find_first_not_of('0'), number.size() - 1));
    }
    /// By number, which may have more digits than an integer holds.
    auto order() const { return std::make_tuple(std::cref(prefix), number.size(), std::cref(number), file.string()); }
};

bool is_openpose(const fs::path& file) { return file.stem().string().ends_with(kOpenPoseEnd); }

std::vector<FramePath> frame_files(const fs::path& folder) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder))
        if (entry.is_regular_file() && entry.path().extension() == ".json") files.push_back(entry.path());
    if (files.empty())
        throw Error(folder.string() + ": this folder holds no .json file; expected one a frame, as OpenPose and MMPose "
                                      "write them");
    if (std::ranges::any_of(files, is_openpose))
        std::erase_if(files, [](const auto& file) { return !is_openpose(file); });
    std::vector<FramePath> frames(files.begin(), files.end());
    std::ranges::sort(frames, [](const FramePath& a, const FramePath& b) { return a.order() < b.order(); });
    return frames;
}

std::string sequence_name(const std::string& prefix, const fs::path& folder) {
    const std::size_t end = prefix.find_last_not_of("_-. ");
    return end == std::string::npos ? name_of_source(folder) : prefix.substr(0, end + 1);
}

} // namespace

void read_keypoint_folder(const fs::path& folder, KeypointFrames& frames) {
    const std::vector<FramePath> files = frame_files(folder);
    bool wanted = false, layout_known = false;
    for (std::size_t i = 0; i < files.size(); ++i) {
        const FramePath& path = files[i];
        if (i == 0 || path.prefix != files[i - 1].prefix)
            wanted = frames.begin_sequence(sequence_name(path.prefix, folder), true);
        if (!wanted) continue;
        const nlohmann::json json = parse_keypoint_json(path.file);
        if (!is_frame_file(json))
            throw Error(path.file.string() + ": is not the people of one frame, as a folder of frames has them; if it "
                                             "holds many frames, give the file itself");
        const FrameFile file = read_frame_file(json, path.file.string());
        frames.set_format(fmt::format("folder of {}", file.format));
        if (!layout_known) frames.set_layout(file.layout);
        layout_known = true;
        frames.add(path.number.empty() ? path.prefix : path.number, {}, file.people);
    }
}

} // namespace poseaug
