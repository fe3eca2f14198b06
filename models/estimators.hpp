#pragma once
#include "models/scope.hpp"

#include <span>
#include <string>
#include <string_view>

namespace poseaug {

/// A 2D-to-3D pose estimator: image (32, B) -> pose (48, B), relative to the hip, which losses take as it is: whether the
/// hip itself is at zero is the network's business. Adding one touches its own file and the table in estimators.cpp.
struct Estimator {
    std::string_view name;
    Layout (*layout)(int width);
    Var (*forward_f32)(Scope<float>&, Var image);
    Var (*forward_f64)(Scope<double>&, Var image);
    int width;               ///< as published
    double dropout_pretrain; ///< published rates; -1: the network's own rates for each layer
    double dropout;          ///< while training with PoseAug
    double rate_pretrain;    ///< learning rates
    double rate;
    int epochs_pretrain;
    /// An array of its layout that no other network has, and whose first dimension is the width, such as a batch norm's
    /// weight: by it a weight file is told apart.
    std::string_view signature;

    template <class T> Var forward(Scope<T>& scope, Var image) const {
        if constexpr (std::is_same_v<T, float>) return forward_f32(scope, image);
        else return forward_f64(scope, image);
    }
};

std::span<const Estimator> estimators();

/// Throws Error naming what there is.
const Estimator& find_estimator(std::string_view name);

/// "mlp, videopose, ...", for messages.
std::string estimator_names();

} // namespace poseaug
