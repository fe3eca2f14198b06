#include "data/box_alignment.hpp"

#include "kernels/error.hpp"
#include "kernels/pose/project.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace poseaug {
namespace {

constexpr int kRounds = 40;
constexpr double kExact = 1e-6, kReached = 1e-3; ///< largest differences of boxes, normalised coordinates
constexpr double kNearest = 0.3;                 ///< metres before the camera that every joint keeps
constexpr double kSmallestBox = 1e-4;

std::array<double, 3> numbers(const Box& box) { return {box.x, box.y, box.size}; }

template <class T> Box box_around(const T* image) {
    double low[2], high[2];
    for (int k = 0; k < 2; ++k) low[k] = high[k] = static_cast<double>(image[k]);
    for (int i = 2; i < 2 * kJoints; ++i) {
        low[i % 2] = std::min(low[i % 2], static_cast<double>(image[i]));
        high[i % 2] = std::max(high[i % 2], static_cast<double>(image[i]));
    }
    return {(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, std::hypot(high[0] - low[0], high[1] - low[1])};
}

double difference(const Box& a, const Box& b) {
    return std::max({std::abs(a.x - b.x), std::abs(a.y - b.y), std::abs(a.size - b.size)});
}

/// Where a value stands among sorted ones, 0 to 1; equal ones share a place.
double share_below(const std::vector<double>& sorted, double value) {
    const auto [low, high] = std::equal_range(sorted.begin(), sorted.end(), value);
    return static_cast<double>((low - sorted.begin()) + (high - sorted.begin())) / 2 /
           static_cast<double>(sorted.size());
}

double quantile(const std::vector<double>& sorted, double share) {
    const double last = static_cast<double>(sorted.size()) - 1;
    const double place = std::clamp(share * static_cast<double>(sorted.size()) - 0.5, 0.0, last);
    const auto below = static_cast<std::size_t>(place);
    const std::size_t above = std::min(below + 1, sorted.size() - 1);
    return sorted[below] + (place - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

/// One pose that is moved before its camera.
class MovedPose {
public:
    MovedPose(float* joints, float* image, const float* camera) : joints_(joints), image_(image) {
        std::copy(camera, camera + 9, camera_);
        std::copy(joints, joints + 48, start_);
        std::copy(joints, joints + 3, hip_);
        for (int j = 0; j < kJoints; ++j) nearest_ = std::min(nearest_, start_[3 * j + 2] - start_[2]);
        double projected[32];
        Project::value({}, start_, camera_, projected);
        for (int i = 0; i < 32; ++i) missed_[i] = static_cast<double>(image[i]) - projected[i];
    }
    /// Whether some place before the camera gives the pose this box; it stands there, or as near to it as it came.
    bool reach(const Box& wanted) {
        if (start_[2] + nearest_ < kNearest) return false;
        double miss = std::numeric_limits<double>::infinity();
        for (int round = 0; round < kRounds; ++round) {
            double image[32];
            const Box now = box_around(see(image));
            miss = difference(now, wanted);
            if (miss < kExact || now.size < kSmallestBox) break;
            const double depth = std::max(hip_[2] * now.size / wanted.size, kNearest - nearest_);
            const double to[2] = {wanted.x - now.x, wanted.y - now.y};
            for (int k = 0; k < 2; ++k) hip_[k] = depth * (hip_[k] / hip_[2] + to[k] / camera_[k]);
            hip_[2] = depth;
        }
        store();
        return miss < kReached;
    }

private:
    /// The pose's 2D where it stands now.
    const double* see(double (&image)[32]) const {
        double moved[48];
        for (int i = 0; i < 48; ++i) moved[i] = start_[i] + (hip_[i % 3] - start_[i % 3]);
        Project::value({}, moved, camera_, image);
        for (int i = 0; i < 32; ++i) image[i] += missed_[i] * start_[2] / hip_[2];
        return image;
    }
    void store() {
        double image[32];
        see(image);
        std::copy(image, image + 32, image_);
        for (int i = 0; i < 48; ++i) joints_[i] = static_cast<float>(start_[i] + (hip_[i % 3] - start_[i % 3]));
    }

    float *joints_, *image_;
    double camera_[9], start_[48], hip_[3], missed_[32];
    double nearest_ = 0; ///< depth of the nearest joint, from the hip
};

std::string places(const BoxStatistics& s) {
    return fmt::format("x {:.3f} +- {:.3f}, y {:.3f} +- {:.3f}, size {:.3f} +- {:.3f}", s.mean[0], s.spread[0],
                       s.mean[1], s.spread[1], s.mean[2], s.spread[2]);
}

} // namespace

Box box_of(const float* image) { return box_around(image); }

BoxDistribution::BoxDistribution(const std::vector<float>& images) {
    for (std::size_t i = 0; i + 32 <= images.size(); i += 32) {
        const Box box = box_of(&images[i]);
        if (box.size < kSmallestBox) continue; // a person that was not found
        for (std::size_t k = 0; k < 3; ++k) sorted_[k].push_back(numbers(box)[k]);
    }
    if (sorted_[0].empty()) throw Error("there is no 2D pose to align boxes with; every one is a single point");
    for (auto& values : sorted_) std::sort(values.begin(), values.end());
}

BoxStatistics BoxDistribution::statistics() const {
    BoxStatistics s;
    for (std::size_t k = 0; k < 3; ++k) {
        const auto n = static_cast<double>(sorted_[k].size());
        for (const double v : sorted_[k]) s.mean[k] += v / n;
        for (const double v : sorted_[k]) s.spread[k] += (v - s.mean[k]) * (v - s.mean[k]) / n;
        s.spread[k] = std::sqrt(s.spread[k]);
    }
    return s;
}

Box BoxDistribution::matching(const Box& box, const BoxDistribution& from) const {
    std::array<double, 3> matched{};
    for (std::size_t k = 0; k < 3; ++k)
        matched[k] = quantile(sorted_[k], share_below(from.sorted_[k], numbers(box)[k]));
    return {matched[0], matched[1], matched[2]};
}

BoxAlignment align_poses(PoseSet& set, const BoxDistribution& target) {
    if (set.camera.empty())
        throw Error("poses without cameras cannot be aligned: their 2D could not be projected anew");
    const BoxDistribution source(set.image);
    BoxAlignment result{source.statistics(), {}, target.statistics(), set.size()};
    for (std::int64_t i = 0; i < set.size(); ++i) {
        const auto at = static_cast<std::size_t>(i);
        float* image = &set.image[32 * at];
        MovedPose pose(&set.joints[48 * at], image, &set.camera[9 * at]);
        result.unreached += pose.reach(target.matching(box_of(image), source)) ? 0 : 1;
    }
    result.after = BoxDistribution(set.image).statistics();
    return result;
}

BoxAlignment align_images(std::vector<float>& images, const BoxDistribution& target) {
    const BoxDistribution source(images);
    BoxAlignment result{source.statistics(), {}, target.statistics(), static_cast<std::int64_t>(images.size() / 32)};
    for (std::size_t i = 0; i < images.size(); i += 32) {
        const Box now = box_of(&images[i]), wanted = target.matching(now, source);
        if (now.size < kSmallestBox) {
            ++result.unreached;
            continue;
        }
        const double scale = wanted.size / now.size, from[2] = {now.x, now.y}, to[2] = {wanted.x, wanted.y};
        for (std::size_t k = 0; k < 32; ++k)
            images[i + k] = static_cast<float>(to[k % 2] + scale * (static_cast<double>(images[i + k]) - from[k % 2]));
    }
    result.after = BoxDistribution(images).statistics();
    return result;
}

std::string BoxAlignment::text() const {
    return fmt::format("aligned {} poses: boxes {} became {}, wanted {}{}", poses, places(before), places(after),
                       places(target), unreached ? fmt::format("; {} could not be brought there", unreached) : "");
}

} // namespace poseaug
