#pragma once
#include "data/pose_set.hpp"

#include <string>
#include <vector>

namespace poseaug {

/// By which poses the best checkpoints of a run are chosen: by the test sets themselves, as published, or by a part of the
/// training data that is then not trained on: whole subjects, or a share of the motions.
struct Selection {
    std::vector<std::string> subjects; ///< held out
    double share = 0;                  ///< held out of all motions, 0 to 1
    bool on_test() const { return subjects.empty() && share == 0; }

    /// "test", subjects such as "S8" or "S7,S8", or a share such as "0.1". Throws Error for test subjects, empty names,
    /// and shares that are not between 0 and 1.
    static Selection of(const std::string& text);
};

/// For each clip whether it is held out. A share is taken of the motions (a subject's action, from all cameras), drawn
/// alike in every run, whatever its seed; at least one is held out and one is left. Throws Error if that cannot be, or if
/// nothing is left to train on.
std::vector<bool> held_out_clips(const PoseSet& set, const Selection& selection);

} // namespace poseaug
