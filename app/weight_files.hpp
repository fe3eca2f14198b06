#pragma once
#include "models/estimators.hpp"

#include <filesystem>

namespace poseaug::app {

/// The network of a weight file, checked before anything is allocated for it. Throws Error naming the file: another network, arrays
/// that do not fit or are missing, values that are not finite.
Network<float> open_estimator(Device& device, const std::filesystem::path& file, const Estimator& estimator);
/// The same for `augmentor.safetensors`.
Network<float> open_augmentor(Device& device, const std::filesystem::path& file);

} // namespace poseaug::app
