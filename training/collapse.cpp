#include "training/collapse.hpp"

#include <algorithm>

namespace poseaug {

void refuse_pinned_discriminator(const std::vector<Figures>& epochs) {
    if (epochs.size() < kPinnedEpochs) return;
    for (const std::string which : {"3d", "2d"}) {
        const bool pinned = std::all_of(epochs.end() - kPinnedEpochs, epochs.end(), [&](const Figures& f) {
            return std::min(f.at("accuracy_" + which + "_fake"), f.at("accuracy_" + which + "_real")) >=
                   kPinnedAccuracy;
        });
        if (pinned)
            throw Error("training collapsed: the " + which +
                        " discriminator has told every fake from every real pose for " + std::to_string(kPinnedEpochs) +
                        " epochs; the last good checkpoint stays. Try another --seed");
    }
}

} // namespace poseaug
