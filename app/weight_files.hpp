#pragma once
#include "models/estimators.hpp"

#include <filesystem>

namespace poseaug::app {

/// The network of a weight file, checked before anything is allocated for it. Throws Error naming the file: another
/// network, arrays that do not fit or are missing, values that are not finite.
Network<float> open_estimator(Device& device, const std::filesystem::path& file, const Estimator& estimator);
/// The same for `augmentor.safetensors`.
Network<float> open_augmentor(Device& device, const std::filesystem::path& file);

/// The largest relative change of a bone's length that the augmentor of this file was trained with; the published one
/// where the file does not say.
double trained_ratio_limit(const std::filesystem::path& file);

} // namespace poseaug::app
