#include "data/box_alignment.hpp"

#include "kernels/pose/project.hpp"
#include "kernels/pose/sampling.hpp"
#include "kernels/skeleton.hpp"
#include "tests/data/files.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <random>

using namespace poseaug;
using testing::contains;
using testing::error_of;

namespace {

constexpr int kPoses = 600;

std::vector<float> projected(const PoseSet& set) {
    std::vector<float> images;
    for (std::size_t i = 0; i < static_cast<std::size_t>(set.size()); ++i) {
        double joints[48], camera[9], image[32];
        std::copy_n(&set.joints[48 * i], 48, joints);
        std::copy_n(&set.camera[9 * i], 9, camera);
        Project::value({}, joints, camera, image);
        images.insert(images.end(), image, image + 32);
    }
    return images;
}

/// People some metres before cameras like Human3.6M's.
PoseSet people() {
    PoseSet set;
    const auto poses = sampling::poses(kPoses), cameras = sampling::cameras(kPoses);
    for (std::size_t i = 0; i < kPoses; ++i) {
        for (std::size_t r = 0; r < 48; ++r) set.joints.push_back(static_cast<float>(poses.values[r * kPoses + i]));
        for (std::size_t r = 0; r < 9; ++r) set.camera.push_back(static_cast<float>(cameras.values[r * kPoses + i]));
    }
    set.image = projected(set);
    return set;
}

/// 2D of people who are small and low in the image, here and there.
std::vector<float> small_and_low(int poses) {
    std::mt19937 random(1);
    std::uniform_real_distribution<float> draw(-1, 1);
    std::vector<float> images;
    for (int i = 0; i < poses; ++i) {
        const float x = 0.3F * draw(random), y = 0.15F + 0.1F * draw(random), size = 0.2F + 0.05F * draw(random);
        for (int j = 0; j < 16; ++j) {
            images.push_back(x + size * draw(random));
            images.push_back(y + size * draw(random));
        }
    }
    return images;
}

void check_same(const BoxStatistics& a, const BoxStatistics& b, double tolerance) {
    for (std::size_t k = 0; k < 3; ++k) {
        CHECK(std::abs(a.mean[k] - b.mean[k]) < tolerance);
        CHECK(std::abs(a.spread[k] - b.spread[k]) < tolerance);
    }
}

double bone_length(const float* pose, int bone) {
    double square = 0;
    for (int k = 0; k < 3; ++k)
        square += std::pow(
            static_cast<double>(pose[3 * (bone + 1) + k]) - static_cast<double>(pose[3 * parent_of(bone + 1) + k]), 2);
    return std::sqrt(square);
}

} // namespace

TEST_CASE("a box is the centre and the diagonal of what a pose takes of the image") {
    std::vector<float> image(32, 0.25F);
    image[0] = 0.0F;
    image[31] = 0.65F;
    const Box box = box_of(image.data());
    CHECK(box.x == doctest::Approx(0.125));
    CHECK(box.y == doctest::Approx(0.45));
    CHECK(box.size == doctest::Approx(std::hypot(0.25, 0.4)));
}

TEST_CASE("aligned poses have the target's boxes, their own bones, and stand before the camera") {
    const PoseSet before = people();
    PoseSet after = before;
    const BoxDistribution target(small_and_low(500));
    const BoxAlignment report = align_poses(after, target);
    CHECK(report.poses == kPoses);
    CHECK(report.unreached == 0);
    check_same(report.before, BoxDistribution(before.image).statistics(), 1e-12);
    check_same(report.after, target.statistics(), 2e-3);
    check_same(BoxDistribution(after.image).statistics(), target.statistics(), 2e-3);
    // it was far from that
    CHECK(std::abs(report.before.mean[2] - report.target.mean[2]) > 0.05);
    const auto image = projected(after);
    double worst_image = 0, worst_bone = 0, nearest = 100;
    for (std::size_t i = 0; i < kPoses; ++i) {
        for (std::size_t k = 0; k < 32; ++k)
            worst_image = std::max(worst_image, std::abs(static_cast<double>(image[32 * i + k]) -
                                                         static_cast<double>(after.image[32 * i + k])));
        for (int b = 0; b < kBones; ++b)
            worst_bone = std::max(
                worst_bone, std::abs(bone_length(&before.joints[48 * i], b) - bone_length(&after.joints[48 * i], b)));
        for (std::size_t j = 0; j < 16; ++j)
            nearest = std::min(nearest, static_cast<double>(after.joints[48 * i + 3 * j + 2]));
    }
    CHECK(worst_image < 1e-5);
    CHECK(worst_bone < 1e-5);
    CHECK(nearest > 0.29);
    CHECK(after.camera == before.camera);
}

TEST_CASE("poses aligned to their own boxes stay where they are") {
    const PoseSet before = people();
    PoseSet after = before;
    align_poses(after, BoxDistribution(before.image));
    double worst = 0;
    for (std::size_t i = 0; i < before.joints.size(); ++i)
        worst = std::max(worst, std::abs(static_cast<double>(after.joints[i]) - static_cast<double>(before.joints[i])));
    CHECK(worst < 1e-3);
}

TEST_CASE("what a detector missed goes along with the pose, scaled") {
    PoseSet set = people();
    const std::vector<float> exact = set.image;
    for (std::size_t i = 0; i < set.image.size(); ++i) set.image[i] += 0.01F * static_cast<float>(i % 3);
    const PoseSet before = set;
    align_poses(set, BoxDistribution(small_and_low(500)));
    const auto image = projected(set);
    double worst = 0;
    for (std::size_t i = 0; i < kPoses; ++i) {
        const double scale =
            static_cast<double>(before.joints[48 * i + 2]) / static_cast<double>(set.joints[48 * i + 2]);
        for (std::size_t k = 32 * i; k < 32 * (i + 1); ++k)
            worst = std::max(worst, std::abs(static_cast<double>(set.image[k] - image[k]) -
                                             scale * static_cast<double>(before.image[k] - exact[k])));
    }
    CHECK(worst < 1e-5);
}

TEST_CASE("a box too large for any place before the camera is counted, and the pose stays before it") {
    PoseSet set = people();
    std::vector<float> huge;
    for (int i = 0; i < 32; ++i) huge.push_back(i % 4 < 2 ? -40.0F : 40.0F);
    const BoxAlignment report = align_poses(set, BoxDistribution(huge));
    CHECK(report.unreached == kPoses);
    CHECK(contains(report.text(), "600 could not be brought there"));
    for (std::size_t i = 2; i < set.joints.size(); i += 3) REQUIRE(set.joints[i] > 0.29F);
}

TEST_CASE("images are moved and scaled to the target's boxes and keep their shape") {
    std::vector<float> images = people().image;
    const std::vector<float> before = images;
    const BoxDistribution target(small_and_low(500));
    const BoxAlignment report = align_images(images, target);
    check_same(report.after, target.statistics(), 2e-3);
    for (std::size_t i = 0; i < images.size(); i += 32) {
        const Box was = box_of(&before[i]), is = box_of(&images[i]);
        const auto place = [](float v, double centre, double size) { return (static_cast<double>(v) - centre) / size; };
        for (std::size_t k = i; k < i + 32; k += 2) {
            REQUIRE(std::abs(place(images[k], is.x, is.size) - place(before[k], was.x, was.size)) < 1e-4);
            REQUIRE(std::abs(place(images[k + 1], is.y, is.size) - place(before[k + 1], was.y, was.size)) < 1e-4);
        }
    }
}

TEST_CASE("what cannot be aligned says why") {
    CHECK(contains(error_of([] { BoxDistribution({}); }), "no 2D pose"));
    CHECK(contains(error_of([] { BoxDistribution(std::vector<float>(64, 0.5F)); }), "a single point"));
    PoseSet set = people();
    set.camera.clear();
    CHECK(contains(error_of([&] { align_poses(set, BoxDistribution(set.image)); }), "without cameras"));
}
