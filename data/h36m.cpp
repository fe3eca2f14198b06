#include "data/h36m.hpp"

#include "data/cameras.hpp"
#include "data/npz.hpp"
#include "data/public_layout.hpp"
#include "kernels/error.hpp"
#include "kernels/skeleton.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <future>
#include <utility>

namespace poseaug {
namespace {

namespace fs = std::filesystem;

constexpr double kFarthestMetres = 100;

/// A clip's (frames, joints, columns) array seen through the choice of our 16 joints.
struct Track {
    std::int64_t frames = 0, joints = 0, columns = 0;
    std::vector<double> values;
    std::array<int, kJoints> chosen{};

    const double* at(std::int64_t frame, int joint) const {
        return values.data() + (frame * joints + chosen[static_cast<std::size_t>(joint)]) * columns;
    }
};

std::string join(const std::vector<std::string>& names) { return fmt::format("{}", fmt::join(names, ", ")); }

std::vector<std::string> keys_of(const Dict& dict) {
    std::vector<std::string> names;
    for (const auto& [key, value] : dict)
        if (key.is_text()) names.push_back(std::get<std::string>(key.data));
    return names;
}

const Value* find_key(const Dict& dict, const std::string& name) {
    for (const auto& [key, value] : dict)
        if (key.is_text() && std::get<std::string>(key.data) == name) return &value;
    return nullptr;
}

/// `columns` 3: positions, 16, 17 or 32 joints. `columns` 2: detections, 16 or 17 joints, further columns unused.
Track read_track(const Array& array, int columns, const std::string& where) {
    const bool detections = columns == 2;
    const auto& shape = array.shape;
    const bool numbers = array.type != ElementType::text && shape.size() == 3;
    if (!numbers || (detections ? shape[2] < 2 || shape[1] == 32 : shape[2] != columns))
        throw Error(fmt::format("{} is {}; expected (frames, {}, {}).", where, array.describe(),
                                detections ? "16 or 17" : "32", columns));
    Track track{shape[0], shape[1], shape[2], array.doubles(), joints_among(shape[1], where)};
    for (std::int64_t frame = 0; frame < track.frames; ++frame)
        for (int joint = 0; joint < kJoints; ++joint)
            for (int k = 0; k < columns; ++k) {
                const double value = track.at(frame, joint)[k];
                if (!std::isfinite(value))
                    throw Error(fmt::format("{} holds a value that is not a number (frame {}, joint {} of our 16). "
                                            "Repair or remove the clip.",
                                            where, frame, joint));
                if (!detections && std::abs(value) > kFarthestMetres)
                    throw Error(fmt::format("{} holds a coordinate of {} (frame {}); positions are in metres. "
                                            "Are these millimetres?",
                                            where, value, frame));
            }
    return track;
}

/// One pickled dict of an .npz, with the words for its errors.
struct NamedDict {
    std::string file, key;
    NpyContent content;

    const Dict& dict() const { return content.objects.front().dict(where()); }
    std::string where() const { return file + ": " + key; }

    const Dict& subject(const std::string& name) const {
        const Value* found = find_key(dict(), name);
        if (!found)
            throw Error(fmt::format("{} has no subject '{}'; it holds {}.", where(), name, join(keys_of(dict()))));
        return found->dict(where() + "/" + name);
    }
};

NamedDict read_dict(const fs::path& file, const std::string& key) {
    NamedDict result{file.string(), key, read_npz_member(file, key)};
    if (!result.content.is_object || result.content.objects.size() != 1)
        throw Error(fmt::format("{} is not a pickled dictionary of subjects, as the public Human3.6M files have it.",
                                result.where()));
    result.dict();
    return result;
}

fs::path positions_file(const fs::path& folder) {
    const fs::path file = folder / "data_3d_h36m.npz";
    if (!fs::is_directory(folder)) throw Error(fmt::format("The data folder {} does not exist.", folder.string()));
    if (!fs::exists(file))
        throw Error(fmt::format("{} is missing. A data folder holds data_3d_h36m.npz and data_2d_h36m_KEYPOINTS.npz; "
                                "`poseaug synth --out DIR` makes one.",
                                file.string()));
    return file;
}

fs::path detections_file(const fs::path& folder, const std::string& keypoints) {
    const std::string prefix = "data_2d_h36m_", suffix = ".npz";
    const fs::path file = folder / (prefix + keypoints + suffix);
    if (fs::exists(file)) return file;
    std::vector<std::string> there;
    for (const auto& entry : fs::directory_iterator(folder)) {
        const std::string name = entry.path().filename().string();
        if (name.starts_with(prefix) && name.ends_with(suffix))
            there.push_back(name.substr(prefix.size(), name.size() - prefix.size() - suffix.size()));
    }
    std::ranges::sort(there);
    throw Error(fmt::format("{} is missing; keypoints in that folder: {}.", file.string(),
                            there.empty() ? "none" : join(there)));
}

/// Detections may run a few frames longer; more than that means that the files do not belong together.
std::int64_t common_length(std::int64_t positions, std::int64_t detections, const std::string& where) {
    const std::int64_t longer = std::max(positions, detections), difference = std::abs(positions - detections);
    if (difference > std::max<std::int64_t>(30, longer / 10))
        throw Error(fmt::format("{} has {} frames of detections but {} of positions; the 2D and 3D files do not belong "
                                "together.",
                                where, detections, positions));
    return std::min(positions, detections);
}

/// The four cameras' detections of one clip.
const List& cameras_of(const Dict& actions, const std::string& action, const std::string& where) {
    const Value* found = find_key(actions, action);
    if (!found)
        throw Error(fmt::format("{} is missing, though the 3D file has this clip; there are {}.", where,
                                join(keys_of(actions))));
    const List& cameras = found->list(where);
    if (cameras.size() != kH36mCameras)
        throw Error(fmt::format("{} has {} cameras; expected {}.", where, cameras.size(), kH36mCameras));
    return cameras;
}

void append(PoseSet& set, const Track& positions, const Track& detections, const PixelCamera& camera,
            const CameraPlacement& placement, std::int64_t frames, int stride) {
    const auto intrinsics = normalised_intrinsics(camera);
    for (std::int64_t frame = 0; frame < frames; frame += stride) {
        for (int joint = 0; joint < kJoints; ++joint) {
            const double* p = positions.at(frame, joint);
            const double* d = detections.at(frame, joint);
            const Eigen::Vector3d point = world_to_camera(placement, {p[0], p[1], p[2]});
            const Eigen::Vector2d image = normalise_pixel({d[0], d[1]}, camera.width, camera.height);
            for (int k = 0; k < 3; ++k) set.joints.push_back(static_cast<float>(point[k]));
            for (int k = 0; k < 2; ++k) set.image.push_back(static_cast<float>(image[k]));
        }
        set.camera.insert(set.camera.end(), intrinsics.begin(), intrinsics.end());
    }
}

void append_subject(PoseSet& set, const std::string& subject, const NamedDict& positions, const NamedDict& detections,
                    int stride) {
    const auto& placements = h36m_placements(subject);
    const Dict& actions_2d = detections.subject(subject);
    for (const auto& [key, value] : positions.subject(subject)) {
        const std::string& action = key.text(positions.where() + "/" + subject + ": an action's name");
        const std::string clip = "/" + subject + "/" + action;
        const Track track = read_track(value.array(positions.where() + clip), 3, positions.where() + clip);
        const List& cameras = cameras_of(actions_2d, action, detections.where() + clip);
        for (int c = 0; c < kH36mCameras; ++c) {
            const auto index = static_cast<std::size_t>(c);
            const std::string where = fmt::format("{}{}, camera {}", detections.where(), clip, c);
            const Track seen = read_track(cameras[index].array(where), 2, where);
            const std::int64_t first = set.size(), frames = common_length(track.frames, seen.frames, where);
            append(set, track, seen, h36m_intrinsics()[index], placements[index], frames, stride);
            if (set.size() > first) set.clips.push_back({subject, action, c, first, set.size() - first});
        }
    }
}

/// Subjects to read, in file order; each asked for must be there.
std::vector<std::string> in_file_order(const NamedDict& positions, const std::vector<std::string>& asked) {
    if (asked.empty()) throw Error("No subject was asked for; name at least one, such as S1.");
    for (const std::string& name : asked) positions.subject(name);
    std::vector<std::string> ordered = keys_of(positions.dict());
    std::erase_if(ordered, [&](const std::string& name) { return std::ranges::find(asked, name) == asked.end(); });
    return ordered;
}

/// Adds the lengths of a frame's bones to `sums`.
void add_lengths(const Track& track, std::int64_t frame, std::array<double, kBones>& sums) {
    for (int bone = 0; bone < kBones; ++bone) {
        const double* child = track.at(frame, bone + 1);
        const double* parent = track.at(frame, parent_of(bone + 1));
        sums[static_cast<std::size_t>(bone)] += std::sqrt(
            std::pow(parent[0] - child[0], 2) + std::pow(parent[1] - child[1], 2) + std::pow(parent[2] - child[2], 2));
    }
}

std::vector<std::vector<float>> mean_bone_lengths(const NamedDict& positions,
                                                  const std::vector<std::string>& subjects) {
    std::vector<std::vector<float>> templates;
    for (const std::string& subject : subjects) {
        std::array<double, kBones> sums{};
        std::int64_t frames = 0;
        for (const auto& [key, value] : positions.subject(subject)) {
            const std::string where =
                positions.where() + "/" + subject + "/" + key.text(positions.where() + ": an action's name");
            const Track track = read_track(value.array(where), 3, where);
            for (std::int64_t frame = 0; frame < track.frames; ++frame) add_lengths(track, frame, sums);
            frames += track.frames;
        }
        if (frames == 0) throw Error(fmt::format("{}/{} holds no frame.", positions.where(), subject));
        auto& lengths = templates.emplace_back();
        for (const double sum : sums) lengths.push_back(static_cast<float>(sum / static_cast<double>(frames)));
    }
    return templates;
}

} // namespace

struct H36mFiles::Content {
    NamedDict positions, detections;
};

H36mFiles::H36mFiles(const fs::path& folder, const std::string& keypoints) {
    const fs::path file_3d = positions_file(folder), file_2d = detections_file(folder, keypoints);
    auto detections = std::async(std::launch::async, [&] { return read_dict(file_2d, "positions_2d"); });
    NamedDict positions = read_dict(file_3d, "positions_3d");
    content_ = std::make_shared<const Content>(Content{std::move(positions), detections.get()});
}

PoseSet H36mFiles::load(const std::vector<std::string>& subjects, int stride) const {
    if (stride < 1) throw Error(fmt::format("The frame stride is {}; it must be at least 1.", stride));
    const auto& [positions, detections] = *content_;
    PoseSet set;
    for (const std::string& subject : in_file_order(positions, subjects))
        append_subject(set, subject, positions, detections, stride);
    if (set.size() == 0) throw Error(fmt::format("{} holds no frame of {}.", positions.where(), join(subjects)));
    return set;
}

std::vector<std::string> H36mFiles::subjects() const { return keys_of(content_->positions.dict()); }

std::vector<std::vector<float>> H36mFiles::bone_length_templates(const std::vector<std::string>& subjects) const {
    return mean_bone_lengths(content_->positions, subjects);
}

PoseSet load_h36m(const fs::path& folder, const std::string& keypoints, const std::vector<std::string>& subjects,
                  int stride) {
    return H36mFiles(folder, keypoints).load(subjects, stride);
}

std::vector<std::vector<float>> bone_length_templates(const fs::path& folder,
                                                      const std::vector<std::string>& subjects) {
    return mean_bone_lengths(read_dict(positions_file(folder), "positions_3d"), subjects);
}

} // namespace poseaug
