#pragma once
#include "data/keypoints.hpp"
#include "data/npz.hpp"

#include <CLI/CLI.hpp>

#include <string>

namespace poseaug::app {

/// --layout, --width, --height, --person, --sequence, --min-confidence, --missing and --max-gap.
struct KeypointChoice {
    KeypointOptions options;
    std::string missing = "interpolate";
    void add_to(CLI::App& verb);
    /// Reads the keypoints as asked. Throws Error.
    KeypointPoses load(const std::filesystem::path& source) const;
    /// Adds to a file of the poses where each comes from: `frame`, `sequence`, `in_time`, `valid`, and `person` where
    /// all were asked for.
    void add_members(NpzWriter& writer, const KeypointPoses& poses) const;
};

/// What was read and what was missing, in lines for people.
std::string describe(const KeypointPoses& poses);

} // namespace poseaug::app
