#pragma once
#include "training/augmentor_pass.hpp"

#include <vector>

namespace poseaug {

/// A discriminator that tells every fake from every real this long has won for good: the augmentor learns nothing more
/// from it.
inline constexpr int kPinnedEpochs = 3;
inline constexpr double kPinnedAccuracy = 0.999;

/// Throws Error naming the discriminator if the last epochs' figures (oldest first) show it pinned.
void refuse_pinned_discriminator(const std::vector<Figures>& epochs);

} // namespace poseaug
