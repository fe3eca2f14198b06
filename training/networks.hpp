#pragma once
#include "models/augmentor.hpp"
#include "models/discriminators.hpp"
#include "models/estimators.hpp"

namespace poseaug {

/// Widths of the four networks' layers; the published ones by default.
struct Widths {
    int augmentor = 256, discriminator_3d = 256, discriminator_3d_score = 100, discriminator_2d = 100, estimator = 1024;
};

/// The networks of a PoseAug training.
template <class T> struct PoseAugNetworks {
    const Estimator& kind;
    Network<T> augmentor, discriminator_3d, discriminator_2d, estimator;

    PoseAugNetworks(Device& device, const Estimator& estimator_kind, const Widths& widths)
        : kind(estimator_kind), augmentor(device, augmentor_layout(widths.augmentor)),
          discriminator_3d(device, discriminator_3d_layout(widths.discriminator_3d, widths.discriminator_3d_score)),
          discriminator_2d(device, discriminator_2d_layout(widths.discriminator_2d)),
          estimator(device, estimator_kind.layout(widths.estimator)) {}
};

} // namespace poseaug
