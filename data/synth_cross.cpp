#include "data/synth_cross.hpp"

#include "data/cameras.hpp"
#include "data/synth_motion.hpp"
#include "kernels/skeleton.hpp"

#include <Eigen/Geometry>

#include <algorithm>

namespace poseaug {
namespace {

using Eigen::Matrix3d;
using Eigen::Vector3d;

constexpr int kBodies = 6;
constexpr double kSpread = 0.15;
constexpr double kPosesPerSecond = 5;
constexpr std::int64_t kClipPoses = 55;
constexpr double kMargin = 0.93; // of the image's half width that people may fill
constexpr int kImageSize = 2048;

/// A camera somewhere around the people: low or high, near or far, slightly tilted, without distortion.
struct FreeCamera {
    PixelCamera lens;
    Vector3d direction; ///< from the people to the camera
    double distance, tilt;
    Vector3d target;

    std::vector<Vector3d> see(const std::vector<SynthPose>& poses) const;
};

FreeCamera random_camera(const Vector3d& target, SynthRandom& random) {
    FreeCamera camera{};
    camera.distance = random.uniform(3.2, 5.2);
    camera.tilt = 0.1 * random.uniform(-1, 1);
    camera.target = target;
    for (double& t : camera.target) t += random.uniform(-0.15, 0.15);
    const double azimuth = random.uniform(0, 2 * std::numbers::pi), height = random.uniform(0.5, 2.4);
    const double rise = (height - target.z()) / camera.distance, level = std::sqrt(1 - std::min(0.9, rise * rise));
    camera.direction = Vector3d(level * std::cos(azimuth), level * std::sin(azimuth), rise).normalized();
    const double focal = random.uniform(0.8, 1.15) * kImageSize, center = kImageSize / 2.0;
    camera.lens.focal = {focal, focal};
    camera.lens.center = {center + random.uniform(-25, 25), center + random.uniform(-25, 25)};
    camera.lens.width = camera.lens.height = kImageSize;
    return camera;
}

/// All poses' joints in camera space.
std::vector<Vector3d> FreeCamera::see(const std::vector<SynthPose>& poses) const {
    Matrix3d rotation;
    rotation.row(2) = -direction;
    rotation.row(0) = (-direction).cross(Vector3d::UnitZ()).normalized();
    rotation.row(1) = rotation.row(2).cross(rotation.row(0));
    rotation = Eigen::AngleAxisd(tilt, Vector3d::UnitZ()).toRotationMatrix() * rotation;
    const Vector3d place = target + distance * direction;
    std::vector<Vector3d> points;
    for (const SynthPose& pose : poses)
        for (const Vector3d& joint : pose) points.push_back(rotation * (joint - place));
    return points;
}

Eigen::Vector2d image_of(const Vector3d& point, const PixelCamera& lens) {
    return normalise_pixel(project_to_pixel(lens, point), lens.width, lens.height);
}

bool all_inside(const std::vector<Vector3d>& points, const PixelCamera& lens) {
    return std::ranges::all_of(
        points, [&](const Vector3d& p) { return p.z() > 0.5 && image_of(p, lens).cwiseAbs().maxCoeff() < kMargin; });
}

Vector3d middle_of(const std::vector<SynthPose>& poses) {
    Vector3d sum = Vector3d::Zero();
    for (const SynthPose& pose : poses)
        for (const Vector3d& joint : pose) sum += joint;
    return sum / static_cast<double>(poses.size() * kSynthJoints);
}

struct Floats {
    std::vector<float> joints, image;
};

void append_clip(std::int64_t clip, std::int64_t count, std::uint64_t seed, Floats& out) {
    enum : std::uint64_t { body_stream = 101, motion_stream, camera_stream };
    const auto key = static_cast<std::uint64_t>(clip), who = key % kBodies;
    SynthRandom body_random{{seed, body_stream, who}};
    const double height = body_random.uniform(1.56, 1.92);
    const Body body = random_body(height, kSpread, body_random);
    const SynthAction& action = broad_actions()[(key + key / kBodies) % broad_actions().size()];
    const double seconds = static_cast<double>(count) / kPosesPerSecond;
    const Motion motion(action, body, seconds, SynthRandom{{seed, motion_stream, key}});
    std::vector<SynthPose> poses;
    for (std::int64_t i = 0; i < count; ++i) poses.push_back(motion.at(static_cast<double>(i) / kPosesPerSecond));

    SynthRandom random{{seed, camera_stream, key}};
    FreeCamera camera = random_camera(middle_of(poses), random);
    std::vector<Vector3d> points = camera.see(poses);
    for (int step_back = 0; step_back < 30 && !all_inside(points, camera.lens); ++step_back) {
        camera.distance *= 1.05;
        points = camera.see(poses);
    }
    for (std::size_t i = 0; i < points.size(); ++i) {
        if (i % kSynthJoints == 9) continue; // Neck/Nose
        const Eigen::Vector2d image = image_of(points[i], camera.lens);
        for (const double value : points[i]) out.joints.push_back(static_cast<float>(value));
        for (const double value : image) out.image.push_back(static_cast<float>(value));
    }
}

} // namespace

CrossSet make_cross_set(std::int64_t poses, std::uint64_t seed) {
    Floats floats;
    for (std::int64_t clip = 0, first = 0; first < poses; ++clip, first += kClipPoses)
        append_clip(clip, std::min(kClipPoses, poses - first), seed, floats);
    return {Array::of({poses, kJoints, 3}, floats.joints), Array::of({poses, kJoints, 2}, floats.image)};
}

} // namespace poseaug
