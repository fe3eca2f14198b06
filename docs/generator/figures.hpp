#pragma once
#include "kernels/op.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace poseaug::pages {

/// The measured time of one direction of an op.
struct Figure {
    std::string op;
    Direction direction = Direction::value;
    int batch = 0;
    std::string device; ///< "cpu", "cuda"
    double seconds = 0; ///< of one call: the median of the repetitions
    double bytes = 0, flops = 0;
};

/// What a run of poseaug_bench found of the ops, and where and when it ran.
struct Figures {
    std::string date, device;
    std::vector<Figure> ops;
};

/// The rows op/<name>/<forward|backward>/<batch>/<device> of a results file of poseaug_bench. Nothing if there is no
/// such file; throws Error if it is none.
Figures read_figures(const std::filesystem::path& path);

} // namespace poseaug::pages
