#pragma once
#include "models/augmentor.hpp"
#include "models/estimators.hpp"
#include "training/settings.hpp"

#include <array>

namespace poseaug {

/// The augmentor's objective and all that the training loop takes from it.
struct Objective {
    Var total;
    Var adversarial_3d, adversarial_2d, angle, length, feedback_ba, feedback_rt; ///< (1, 1) each
    Augmented pose;
    Var image_source, image_ba, image_rt; ///< 2D (32, B) of the source, the bone-angle and the rotated pose
};

/// The four networks of an augmentor's step on one tape. The estimator runs twice: on the source, and on the bone-angle
/// and the rotated batch side by side, each with statistics of its own (`estimator_augmented` has two groups).
template <class T> struct ObjectiveScopes {
    Scope<T>& augmentor;
    Scope<T>& discriminator_3d;
    Scope<T>& discriminator_2d;
    const Estimator& estimator;
    Scope<T>& estimator_source;
    Scope<T>& estimator_augmented;
};

/// One forward of the objective (paper section 3.4) for `joints` (48, B) seen by `camera` (9, B) with four (48, B)
/// noise tensors. `epoch` counts from 1 and moves the hardness bands (or betas); the feedback joins the total after the
/// warm-up.
template <class T>
Objective augmentor_objective(const ObjectiveScopes<T>& nets, Var joints, Var camera, const std::array<Var, 4>& noise,
                              int epoch, int epochs, const LossSettings& settings);

/// Least-squares loss (1, 1) of a discriminator and the shares of fake and real scores it judges rightly.
struct DiscriminatorLoss {
    Var loss, accuracy_fake, accuracy_real;
};
/// fake, real: joints (48, B).
template <class T> DiscriminatorLoss discriminator_3d_loss(Scope<T>& net, Var fake, Var real);
/// fake, real: images (32, B).
template <class T> DiscriminatorLoss discriminator_2d_loss(Scope<T>& net, Var fake, Var real);

} // namespace poseaug
