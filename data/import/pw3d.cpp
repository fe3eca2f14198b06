#include "data/import/pw3d.hpp"

#include "data/keypoint_layouts.hpp"
#include "data/pickle.hpp"
#include "data/regular_file.hpp"
#include "kernels/error.hpp"

#include <Eigen/Core>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace poseaug {
namespace {

namespace fs = std::filesystem;
using Eigen::Vector2d;
using Eigen::Vector3d;

constexpr std::int64_t kSmplJoints = 24, kOpenPoseKeypoints = 18;
constexpr std::array<int, kJoints> kFromSmpl = {0, 2, 5, 8, 1, 4, 7, 6, 12, 15, 16, 18, 20, 17, 19, 21};
constexpr double kNearestMetres = 0.05, kFarthestMetres = 100;

using Pose = std::array<Vector3d, kJoints>;

/// One pickle: a camera that moves and the people it sees.
struct Sequence {
    struct Actor {
        std::vector<double> joints;   ///< (frames, 24, 3) world metres
        std::vector<double> detected; ///< (frames, 3, 18) pixels and confidences
        std::vector<double> is_valid; ///< (frames)
    };
    std::string name, where;
    std::int64_t frames = 0;
    std::vector<double> cameras; ///< (frames, 4, 4) world to camera
    double fx = 0, fy = 0, cx = 0, cy = 0;
    std::vector<Actor> actors;

    Pose pose(const Actor& actor, std::int64_t frame) const;
    Vector2d normalise(const Vector2d& pixel) const;
};

/// The 16 joints in camera space.
Pose Sequence::pose(const Actor& actor, std::int64_t frame) const {
    const double* m = cameras.data() + frame * 16;
    Pose pose;
    for (std::size_t j = 0; j < pose.size(); ++j) {
        const double* p = actor.joints.data() + (frame * kSmplJoints + kFromSmpl[j]) * 3;
        for (int row = 0; row < 3; ++row)
            pose[j][row] = m[4 * row] * p[0] + m[4 * row + 1] * p[1] + m[4 * row + 2] * p[2] + m[4 * row + 3];
    }
    return pose;
}

/// The lens looks at the middle of the image, which is thus twice as large as the centre says; padded to a square.
Vector2d Sequence::normalise(const Vector2d& pixel) const { return (pixel - Vector2d(cx, cy)) / std::max(cx, cy); }

const Value& member(const Value& value, const std::string& name, const std::string& where) {
    const Value* found = value.find(name);
    if (!found) throw Error(fmt::format("{}: has no '{}', which 3DPW's sequences have.", where, name));
    return *found;
}

/// An array's numbers; -1 stands for any number of frames.
std::vector<double> numbers(const Value& value, std::vector<std::int64_t> shape, const std::string& where) {
    const Array& array = value.array(where);
    if (!shape.empty() && shape[0] < 0 && !array.shape.empty()) shape[0] = array.shape[0];
    if (array.type == ElementType::text || array.shape != shape)
        throw Error(fmt::format("{} is {}; expected {}.", where, array.describe(), describe_shape(shape)));
    return array.doubles();
}

void read_lens(Sequence& sequence, const Value& value) {
    const std::string where = sequence.where + ": cam_intrinsics";
    const std::vector<double> k = numbers(value, {3, 3}, where);
    sequence.fx = k[0];
    sequence.fy = k[4];
    sequence.cx = k[2];
    sequence.cy = k[5];
    for (const double number : {k[0], k[4], k[2], k[5]})
        if (!std::isfinite(number) || number <= 0)
            throw Error(fmt::format("{}: focal lengths and centre have to be positive, but one is {}.", where, number));
}

Sequence read_sequence(const fs::path& path) {
    std::ifstream file = open_regular_file(path);
    const Value content = read_pickle(reader_of(file, path), path.string());
    Sequence sequence;
    sequence.where = path.string();
    const Value* name = content.find("sequence");
    sequence.name = name && name->is_text() && !std::get<std::string>(name->data).empty()
                        ? std::get<std::string>(name->data)
                        : path.stem().string();
    const auto part = [&](const std::string& key) -> const Value& { return member(content, key, sequence.where); };
    const auto each = [&](const std::string& key) -> const List& {
        return part(key).list(sequence.where + ": " + key);
    };
    sequence.cameras = numbers(part("cam_poses"), {-1, 4, 4}, sequence.where + ": cam_poses");
    sequence.frames = std::ssize(sequence.cameras) / 16;
    read_lens(sequence, part("cam_intrinsics"));
    const List &joints = each("jointPositions"), &detected = each("poses2d"), &valid = each("campose_valid");
    if (joints.size() != detected.size() || joints.size() != valid.size())
        throw Error(fmt::format("{}: jointPositions has {} actors, poses2d {} and campose_valid {}.", sequence.where,
                                joints.size(), detected.size(), valid.size()));
    for (std::size_t a = 0; a < joints.size(); ++a) {
        const auto of_actor = [&](const Value& value, std::vector<std::int64_t> shape, const char* key) {
            shape.insert(shape.begin(), sequence.frames);
            return numbers(value, shape, fmt::format("{}: {} of actor {}", sequence.where, key, a));
        };
        sequence.actors.push_back({of_actor(joints[a], {kSmplJoints * 3}, "jointPositions"),
                                   of_actor(detected[a], {3, kOpenPoseKeypoints}, "poses2d"),
                                   of_actor(valid[a], {}, "campose_valid")});
    }
    return sequence;
}

/// The 16 joints in the image, not normalised; NaN where one was not detected.
ImagePose detections(const Sequence::Actor& actor, std::int64_t frame) {
    static const KeypointLayout& layout = find_keypoint_layout("openpose18", kOpenPoseKeypoints, "3DPW");
    const double* row = actor.detected.data() + frame * 3 * kOpenPoseKeypoints;
    std::vector<ImagePoint> points;
    for (int k = 0; k < kOpenPoseKeypoints; ++k) {
        const bool is_seen = row[2 * kOpenPoseKeypoints + k] > 0;
        points.push_back(is_seen ? ImagePoint(row[k], row[kOpenPoseKeypoints + k])
                                 : ImagePoint::Constant(std::numeric_limits<double>::quiet_NaN()));
    }
    return to_sixteen_joints(layout, points);
}

ImagePose projections(const Sequence& sequence, const Pose& pose) {
    ImagePose image;
    for (std::size_t j = 0; j < image.size(); ++j)
        image[j] = {sequence.fx * pose[j].x() / pose[j].z() + sequence.cx,
                    sequence.fy * pose[j].y() / pose[j].z() + sequence.cy};
    return image;
}

void require_sensible(const Pose& pose, const Sequence& sequence, std::int64_t frame) {
    for (const Vector3d& joint : pose)
        if (!joint.allFinite() || joint.cwiseAbs().maxCoeff() > kFarthestMetres)
            throw Error(
                fmt::format("{}: a joint of frame {} is at ({}, {}, {}) before the camera; metres are expected.",
                            sequence.where, frame, joint.x(), joint.y(), joint.z()));
}

void append(TestSet& set, const Sequence& sequence, const Pose& pose, const ImagePose& image) {
    for (std::size_t j = 0; j < pose.size(); ++j) {
        for (const double value : pose[j]) set.pose3d.push_back(static_cast<float>(value));
        for (const double value : sequence.normalise(image[j])) set.pose2d.push_back(static_cast<float>(value));
    }
}

/// Why a frame is left out, or nothing after appending it.
const char* take_frame(TestSet& set, const Sequence& sequence, const Sequence::Actor& actor, std::int64_t frame,
                       Pw3dKeypoints keypoints) {
    if (actor.is_valid[static_cast<std::size_t>(frame)] == 0) return "the camera's pose is not valid";
    const Pose pose = sequence.pose(actor, frame);
    require_sensible(pose, sequence, frame);
    ImagePose image;
    if (keypoints == Pw3dKeypoints::detected) {
        image = detections(actor, frame);
        if (!std::ranges::all_of(image, [](const ImagePoint& p) { return p.allFinite(); }))
            return "a joint was not detected";
    } else {
        if (std::ranges::any_of(pose, [](const Vector3d& joint) { return joint.z() < kNearestMetres; }))
            return "a joint is behind the camera";
        image = projections(sequence, pose);
    }
    append(set, sequence, pose, image);
    return nullptr;
}

void append(TestSetImport& result, const Sequence& sequence, Pw3dKeypoints keypoints) {
    const std::int64_t before = result.set.size();
    RunNames runs;
    for (std::size_t a = 0; a < sequence.actors.size(); ++a) {
        const std::string clip = fmt::format("{} actor {}", sequence.name, a + 1);
        for (std::int64_t frame = 0; frame < sequence.frames; ++frame) {
            if (const char* reason = take_frame(result.set, sequence, sequence.actors[a], frame, keypoints))
                ++result.left_out[reason];
            else result.set.sequence.push_back(runs.next(clip, frame));
        }
    }
    result.sources.emplace_back(sequence.name, result.set.size() - before);
}

/// The pickles of a source, by name.
std::vector<fs::path> find_pickles(const fs::path& source) {
    if (!fs::exists(source)) throw Error(source.string() + ": there is no such file or folder");
    if (!fs::is_directory(source)) return {source};
    std::vector<fs::path> files;
    for (const fs::path& folder : {source, source / "test", source / "sequenceFiles" / "test"}) {
        if (!files.empty() || !fs::is_directory(folder)) continue;
        for (const auto& entry : fs::directory_iterator(folder))
            if (entry.path().extension() == ".pkl") files.push_back(entry.path());
    }
    if (files.empty())
        throw Error(
            fmt::format("{}: holds no sequences of 3DPW, *.pkl, itself or in sequenceFiles/test.", source.string()));
    std::ranges::sort(files);
    return files;
}

} // namespace

TestSetImport import_3dpw(const fs::path& source, const fs::path& out, Pw3dKeypoints keypoints,
                          const ImportProgress& progress) {
    TestSetImport result;
    result.set.annotation = keypoints == Pw3dKeypoints::detected ? "jointPositions, 2D: poses2d of OpenPose"
                                                                 : "jointPositions, 2D: projected by the camera";
    const std::vector<fs::path> files = find_pickles(source);
    for (std::size_t i = 0; i < files.size(); ++i) {
        append(result, read_sequence(files[i]), keypoints);
        if (progress) progress(static_cast<std::int64_t>(i) + 1, std::ssize(files));
    }
    if (result.set.size() == 0) throw Error(source.string() + ": holds no valid pose");
    write_test_set(out, "3dpw", result.set);
    return result;
}

} // namespace poseaug
