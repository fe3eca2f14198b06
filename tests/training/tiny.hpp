#pragma once
#include "kernels/pose/sampling.hpp"
#include "tests/workbench.hpp"
#include "training/poseaug.hpp"

#include <array>

namespace poseaug::test {

/// The transpose of a sample: pose-major, as files and the resident data set have it.
inline std::vector<double> pose_major(const Sample::Matrix& m) {
    std::vector<double> values;
    for (int c = 0; c < m.cols; ++c)
        for (int r = 0; r < m.rows; ++r) values.push_back(m.values[static_cast<std::size_t>(r * m.cols + c)]);
    return values;
}

/// Random poses seen by cameras of a short focal length, so that much of what an untrained augmentor makes is within
/// the image.
struct TinyData {
    std::vector<double> joints, image, camera, templates;

    explicit TinyData(int poses) {
        joints = pose_major(sampling::poses(poses));
        camera = pose_major(sampling::cameras(poses));
        for (std::size_t i = 0; i < camera.size(); ++i)
            if (i % 9 < 2) camera[i] *= 0.2;
        for (std::size_t i = 0; i < static_cast<std::size_t>(poses); ++i)
            for (std::size_t j = 0; j < 16; ++j)
                for (std::size_t k = 0; k < 2; ++k)
                    image.push_back(camera[9 * i + k] * joints[48 * i + 3 * j + k] / joints[48 * i + 3 * j + 2]);
        for (int i = 0; i < 3 * 15; ++i) templates.push_back(0.2 + 0.01 * i);
    }
    template <class T> ResidentPoses<T> on(Device& device, Memory where = Memory::device) const {
        return {device,
                {joints.begin(), joints.end()},
                {image.begin(), image.end()},
                {camera.begin(), camera.end()},
                where};
    }
};

inline constexpr Widths kTinyWidths = {16, 12, 6, 10, 16};

inline PoseAugSettings tiny_settings() {
    PoseAugSettings settings;
    settings.epochs = 4;
    settings.batch = 32;
    settings.pool_capacity = 40;
    settings.rate_augmentor = settings.rate_discriminator = settings.rate_estimator = 1e-3;
    return settings;
}

/// A PoseAug training of tiny networks from fixed initial weights.
template <class T, class Decisions = PhiloxDecisions<T>> struct TinyTraining {
    Stream<T> stream;
    StepClock clock;
    Decisions random;
    PoseAugNetworks<T> networks;
    ResidentPoses<T> data;
    PoseAugTrainer<T> trainer;

    TinyTraining(Device& device, const TinyData& from, std::uint64_t seed,
                 const PoseAugSettings& settings = tiny_settings(), const std::vector<T>& extra_images = {},
                 const Estimator& estimator = find_estimator("mlp"), const DataPlacement& placement = {})
        : stream(device), clock(device), random(device, seed, clock.state()), networks(device, estimator, kTinyWidths),
          data(from.on<T>(device, placement.poses)),
          trainer(stream, clock, random, networks, data, {from.templates.begin(), from.templates.end()}, settings,
                  extra_images, placement) {
        networks.augmentor.initialise(1);
        networks.discriminator_3d.initialise(2);
        networks.discriminator_2d.initialise(3);
        networks.estimator.initialise(4);
    }
    std::array<Network<T>*, 4> all_networks() {
        return {&networks.augmentor, &networks.discriminator_3d, &networks.discriminator_2d, &networks.estimator};
    }
    /// Every parameter and statistic.
    std::vector<std::vector<T>> weights() {
        std::vector<std::vector<T>> all;
        for (Network<T>* n : all_networks()) {
            all.push_back(n->values().download());
            all.push_back(n->statistics().download());
        }
        return all;
    }
};

} // namespace poseaug::test
