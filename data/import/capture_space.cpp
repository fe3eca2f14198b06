#include "data/import/capture_space.hpp"

#include "data/cameras.hpp"
#include "kernels/error.hpp"

#include <Eigen/Dense>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace poseaug {
namespace {

constexpr int kHip = 0, kRightFoot = 3, kLeftFoot = 6, kHead = 9;
constexpr double kTypicalLength = 1.55, kShortest = 0.8, kLongest = 2.5;
constexpr double kAnkleHeight = 0.08;
constexpr double kBelowFloor = 0.01; // share of frames

double bone(const BodyPose& pose, int joint) { return (pose.col(joint) - pose.col(parent_of(joint))).norm(); }

} // namespace

const std::vector<LengthUnit>& length_units() {
    static const std::vector<LengthUnit> units = {{"m", 1},         {"cm", 0.01},     {"mm", 0.001},
                                                  {"inch", 0.0254}, {"foot", 0.3048}, {"cmu", 0.0254 / 0.45}};
    return units;
}

double body_length(const BodyPose& pose) {
    const double legs = bone(pose, 2) + bone(pose, 3) + bone(pose, 5) + bone(pose, 6);
    return legs / 2 + bone(pose, 7) + bone(pose, 8) + bone(pose, 9);
}

bool is_human_length(double metres) { return metres >= kShortest && metres <= kLongest; }

LengthUnit guess_unit(double length) {
    const auto distance = [&](const LengthUnit& unit) {
        return std::abs(std::log(length * unit.metres / kTypicalLength));
    };
    const LengthUnit unit = *std::ranges::min_element(length_units(), {}, distance);
    if (!is_human_length(length * unit.metres))
        throw Error(
            fmt::format("A body is {:.4g} long, which is a person's length in no unit this program knows. Is the "
                        "joint table right? Otherwise give --unit METRES.",
                        length));
    return unit;
}

char guess_up(const std::vector<BodyPose>& poses) {
    Eigen::Vector3d sum = Eigen::Vector3d::Zero();
    for (const BodyPose& pose : poses) sum += pose.col(kHead) - (pose.col(kRightFoot) + pose.col(kLeftFoot)) / 2;
    const char up = sum.y() > sum.z() ? 'y' : 'z';
    const double least = 0.5; // cosine: people may lie, but not so often that they are no more above than beside
    if (!(std::max(sum.y(), sum.z()) > least * sum.norm()))
        throw Error(
            "In the clips looked at, heads are above feet neither along y nor along z, so the upward axis cannot "
            "be told. Give --up y or --up z.");
    return up;
}

BodyPose to_world(const BodyPose& pose, const CaptureSpace& space) {
    BodyPose world = pose * space.unit.metres;
    if (space.up == 'y') {
        world.row(1) = -pose.row(2) * space.unit.metres;
        world.row(2) = pose.row(1) * space.unit.metres;
    }
    return world;
}

std::vector<Piece> cut_path(const std::vector<BodyPose>& poses, double extent) {
    std::vector<Piece> pieces;
    Eigen::Array2d low, high;
    for (std::int64_t frame = 0; frame < std::ssize(poses); ++frame) {
        const Eigen::Array2d place = poses[static_cast<std::size_t>(frame)].col(kHip).head<2>().array();
        const bool stays = !pieces.empty() && ((high.max(place) - low.min(place)) <= extent).all();
        low = stays ? low.min(place).eval() : place;
        high = stays ? high.max(place).eval() : place;
        if (!stays) pieces.push_back({frame, 0, {}});
        ++pieces.back().count;
        pieces.back().middle = (low + high).matrix() / 2;
    }
    return pieces;
}

double floor_height(const std::vector<BodyPose>& poses) {
    std::vector<double> lower;
    for (const BodyPose& pose : poses) lower.push_back(std::min(pose(2, kRightFoot), pose(2, kLeftFoot)));
    const auto rank = static_cast<std::ptrdiff_t>(kBelowFloor * static_cast<double>(lower.size()));
    std::ranges::nth_element(lower, lower.begin() + rank);
    return lower[static_cast<std::size_t>(rank)] - kAnkleHeight;
}

Eigen::Vector2d middle_of_view(const std::string& subject) {
    // seen from above: the point with the least squared distance to the four lines
    Eigen::Matrix2d sum = Eigen::Matrix2d::Zero();
    Eigen::Vector2d weighted = Eigen::Vector2d::Zero();
    for (const CameraPlacement& camera : h36m_placements(subject)) {
        const auto& [w, x, y, z] = camera.orientation;
        const Eigen::Vector3d sight = Eigen::Quaterniond(w, x, y, z) * Eigen::Vector3d::UnitZ();
        const Eigen::Vector2d direction = sight.head<2>().normalized();
        const Eigen::Matrix2d across = Eigen::Matrix2d::Identity() - direction * direction.transpose();
        sum += across;
        weighted += across * Eigen::Vector2d(camera.position[0], camera.position[1]) / 1000;
    }
    return sum.inverse() * weighted;
}

} // namespace poseaug
