#include "data/public_layout.hpp"

#include "data/npz.hpp"
#include "data/pickle.hpp"
#include "kernels/error.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

namespace poseaug {
namespace {

namespace fs = std::filesystem;

/// Human3.6M's 32 joints reduced to ours (17 are usually kept, and of these Neck/Nose, 14, dropped).
constexpr std::array<int, kJoints> kFrom32 = {0, 1, 2, 3, 6, 7, 8, 12, 13, 15, 17, 18, 19, 25, 26, 27};
constexpr int kNeckOf17 = 9;

template <class T> Value value_of(T content) {
    Value value;
    value.data.emplace<T>(std::move(content));
    return value;
}

Value text(const char* words) { return value_of(std::string(words)); }

/// What the public 2D files say of their joints: how many, and which are each other's mirror image (left, right).
Value layout_metadata(std::int64_t joints) {
    const auto indices = [](const std::vector<std::int64_t>& values) {
        List list;
        for (const std::int64_t v : values) list.push_back(value_of(v));
        return value_of(std::move(list));
    };
    const std::int64_t s = joints - kJoints; // arms move up by one where Neck/Nose stands before them
    List symmetry;
    symmetry.push_back(indices({4, 5, 6, 10 + s, 11 + s, 12 + s}));
    symmetry.push_back(indices({1, 2, 3, 13 + s, 14 + s, 15 + s}));
    Dict metadata;
    metadata.emplace_back(text("layout_name"), text("h36m"));
    metadata.emplace_back(text("num_joints"), value_of(joints));
    metadata.emplace_back(text("keypoints_symmetry"), value_of(std::move(symmetry)));
    return value_of(std::move(metadata));
}

std::string name_of_2d(const std::string& keypoints) { return "data_2d_h36m_" + keypoints + ".npz"; }

constexpr const char* kName3d = "data_3d_h36m.npz";

} // namespace

std::array<int, kJoints> joints_among(std::int64_t joints, const std::string& where) {
    if (joints == 32) return kFrom32;
    if (joints != kJoints && joints != kJoints + 1)
        throw Error(
            fmt::format("{} has {} joints a frame; Human3.6M files hold 16, 17 or (3D only) 32.", where, joints));
    std::array<int, kJoints> chosen{};
    for (int j = 0; j < kJoints; ++j)
        chosen[static_cast<std::size_t>(j)] = joints == kJoints + 1 && j >= kNeckOf17 ? j + 1 : j;
    return chosen;
}

std::array<Array, kH36mCameras> film(const std::string& subject, const Array& positions) {
    const std::string where = "the clip to be filmed";
    if (positions.shape.size() != 3 || positions.shape[2] != 3)
        throw Error(fmt::format("{} is {}; expected (frames, joints, 3).", where, positions.describe()));
    const std::int64_t frames = positions.shape[0], joints = positions.shape[1];
    const auto chosen = joints_among(joints, where);
    const std::vector<double> values = positions.doubles();
    std::array<Array, kH36mCameras> seen;
    for (std::size_t c = 0; c < seen.size(); ++c) {
        std::vector<float> pixels;
        pixels.reserve(static_cast<std::size_t>(frames) * kJoints * 2);
        for (std::int64_t frame = 0; frame < frames; ++frame)
            for (const int joint : chosen) {
                const double* p = values.data() + (frame * joints + joint) * 3;
                const Eigen::Vector3d point = world_to_camera(h36m_placements(subject)[c], {p[0], p[1], p[2]});
                for (const double pixel : project_to_pixel(h36m_intrinsics()[c], point))
                    pixels.push_back(static_cast<float>(pixel));
            }
        seen[c] = Array::of({frames, kJoints, 2}, pixels);
    }
    return seen;
}

struct ClipFile::Spool {
    fs::path file, beside;
    std::string member;
    std::ofstream stream;
    std::unique_ptr<PickledDictOfDicts> clips;
    std::string subject;
    std::set<std::string> subjects, actions; ///< subjects so far, and the last one's actions

    void write(const void* bytes, std::size_t count) {
        stream.write(static_cast<const char*>(bytes), static_cast<std::streamsize>(count));
        check();
    }
    void check() {
        if (!stream) throw Error(fmt::format("{}: cannot be written: {}", file.string(), std::strerror(errno)));
    }
};

ClipFile::ClipFile(fs::path file, const std::string& member) : spool_(std::make_unique<Spool>()) {
    spool_->beside = file;
    spool_->beside += ".clips";
    spool_->file = std::move(file);
    spool_->member = member;
    spool_->stream.open(spool_->beside, std::ios::binary | std::ios::trunc);
    spool_->check();
    const ByteWriter write = [spool = spool_.get()](const void* bytes, std::size_t count) {
        spool->write(bytes, count);
    };
    write_npy_object_header(write);
    spool_->clips = std::make_unique<PickledDictOfDicts>(write);
}

ClipFile::~ClipFile() {
    std::error_code ignored;
    fs::remove(spool_->beside, ignored);
}

void ClipFile::add(const std::string& subject, const std::string& action, const Array& positions) {
    add(subject, action, value_of(positions));
}

void ClipFile::add(const std::string& subject, const std::string& action, std::array<Array, kH36mCameras> cameras) {
    List list;
    for (Array& array : cameras) list.push_back(value_of(std::move(array)));
    add(subject, action, value_of(std::move(list)));
}

void ClipFile::add(const std::string& subject, const std::string& action, const Value& clip) {
    if (subject != spool_->subject) {
        if (!spool_->subjects.insert(subject).second)
            throw Error(fmt::format("{}: the clips of {} do not follow each other.", spool_->file.string(), subject));
        spool_->subject = subject;
        spool_->actions.clear();
    }
    if (!spool_->actions.insert(action).second)
        throw Error(fmt::format("{}: there are two clips '{}' of {}.", spool_->file.string(), action, subject));
    spool_->clips->add(subject, action, clip);
}

void ClipFile::commit(std::int64_t joints) {
    spool_->clips->finish();
    spool_->stream.close();
    spool_->check();
    NpzWriter writer(spool_->file);
    writer.add_file(spool_->member, spool_->beside);
    if (joints > 0) writer.add_object("metadata", layout_metadata(joints));
    writer.commit();
}

PublicLayoutWriter::PublicLayoutWriter(const fs::path& folder, const std::string& keypoints)
    : files_(folder, {name_of_2d(keypoints), kName3d}), name_2d_(name_of_2d(keypoints)),
      positions_(files_.path(kName3d), "positions_3d"), detections_(files_.path(name_2d_), "positions_2d") {}

void PublicLayoutWriter::add(const std::string& subject, const std::string& action, const Array& positions,
                             std::array<Array, kH36mCameras> detections) {
    positions_.add(subject, action, positions);
    detections_.add(subject, action, std::move(detections));
}

void PublicLayoutWriter::commit() {
    positions_.commit();
    detections_.commit(kJoints);
    files_.deliver();
}

} // namespace poseaug
