#pragma once
#include "models/augmentor.hpp"
#include "models/discriminators.hpp"
#include "models/estimators.hpp"
#include "tests/parity/case.hpp"
#include "training/networks.hpp"

namespace poseaug::parity {

/// Layers' widths as the shapes of a case's parameters tell.
inline int rows_of(const Case& c, const std::string& key) { return static_cast<int>(c.shape(key).at(0)); }
inline int estimator_width(const Case& c, const Estimator& e) {
    return rows_of(c, "p.estimator." + std::string(e.signature));
}

inline Widths widths_of(const Case& c, const Estimator& e) {
    return {.augmentor = rows_of(c, "p.augmentor.BAprocess.w1.weight"),
            .discriminator_3d = rows_of(c, "p.discriminator_3d.kcs_path_1.kcs_layer_1.weight"),
            .discriminator_3d_score = rows_of(c, "p.discriminator_3d.kcs_path_1.layer_last.weight"),
            .discriminator_2d = rows_of(c, "p.discriminator_2d.pose_layer_1.weight"),
            .estimator = estimator_width(c, e)};
}
inline Layout augmentor_layout_of(const Case& c) {
    return augmentor_layout(rows_of(c, "p.augmentor.BAprocess.w1.weight"));
}
inline Layout discriminator_3d_layout_of(const Case& c) {
    return discriminator_3d_layout(rows_of(c, "p.discriminator_3d.kcs_path_1.kcs_layer_1.weight"),
                                   rows_of(c, "p.discriminator_3d.kcs_path_1.layer_last.weight"));
}
inline Layout discriminator_2d_layout_of(const Case& c) {
    return discriminator_2d_layout(rows_of(c, "p.discriminator_2d.pose_layer_1.weight"));
}

} // namespace poseaug::parity
