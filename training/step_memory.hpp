#pragma once
#include "models/estimators.hpp"

namespace poseaug {

/// Bytes that the tensors of a step take: the larger one of PoseAug, of the augmentor with its discriminators and an
/// estimator of this width. Counted on a device that runs nothing.
std::size_t step_bytes(const Estimator& kind, int width, int batch);

} // namespace poseaug
