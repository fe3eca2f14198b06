#pragma once
#include "models/augmentor.hpp"
#include "models/estimators.hpp"
#include "training/settings.hpp"

#include <array>

namespace poseaug {

/// The augmentor's losses, as they were applied (partial means, see kernels/column_op.hpp), and all that the training loop
/// takes from its forward.
struct Objective {
    Var own;      ///< adversarial 3D and 2D, penalties on angles and on lengths, as rows
    Var feedback; ///< of the bone-angle and of the rotated pose, as rows
    Augmented pose;
    Var image_source; ///< 2D (32, B) of the source
};

/// The rows of an objective's losses, in its order: adversarial 3D and 2D, angle, length, feedback of both poses.
using ObjectiveTerms = std::array<double, 6>;
/// What the augmentor minimises; with the feedback or, as in the warm-up, without.
double total_of(const ObjectiveTerms& terms, bool feedback, const LossSettings& settings);

/// How hard the bone-angle and the rotated poses should be in an epoch, from 1: centres of the bands of the ratio of
/// errors, or the paper's beta.
std::array<double, 2> hardness_at(int epoch, int epochs, const LossSettings& settings);

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
/// noise tensors. `hardness`: those of `hardness_at`, (2, 1). The feedback is measured always, but unless it teaches
/// nothing learns from it.
template <class T>
Objective augmentor_objective(const ObjectiveScopes<T>& nets, Var joints, Var camera, const std::array<Var, 4>& noise,
                              Var hardness, bool feedback_teaches, const LossSettings& settings);

/// A discriminator's least-squares loss and the shares of fake and real scores it judges rightly, as rows. `shown`: fakes
/// and real ones side by side, joints (48, 2B) or images (32, 2B). It scores them in one pass: it has no batch norm, so
/// that poses do not meet.
template <class T> Var discriminator_3d_loss(Scope<T>& net, Var shown);
template <class T> Var discriminator_2d_loss(Scope<T>& net, Var shown);

} // namespace poseaug
