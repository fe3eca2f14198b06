#pragma once
#include <CLI/CLI.hpp>

#include <filesystem>
#include <string>

namespace poseaug::app {

/// What every kind of import asks for: what to read and the folder to write.
struct ImportPaths {
    std::filesystem::path source, out;
    /// The positional SOURCE, which is `what`, and --out DIR.
    void add_to(CLI::App& kind, const std::string& what);
};

/// Each adds its kinds to `poseaug import`, one subcommand a kind; the callback of the parsed one runs it.
void add_import_public(CLI::App& import);    ///< h36m, 3dhp, 3dpw
void add_import_motion(CLI::App& import);    ///< bvh, cmu
void add_import_keypoints(CLI::App& import); ///< keypoints

} // namespace poseaug::app
