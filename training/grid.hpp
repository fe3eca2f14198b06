#pragma once
#include "training/runs.hpp"

namespace poseaug {

/// A grid of trainings: every estimator on every kind of 2D with every seed, alone and then with PoseAug.
struct GridOptions {
    RunOptions run; ///< what all share; its `out` holds the grid, its model, keypoints and seed are not used
    std::vector<std::string> models, keypoints;
    std::vector<std::uint64_t> seeds;
    int pretrain_epochs = 0; ///< 0: as published for each estimator
    int epochs = 50;
    int batch = 1024;
};

/// One place in the grid. Its two runs lie in `<out>/<model>/<keypoints>/seed<seed>/alone` and `.../poseaug`.
struct GridCell {
    std::string model, keypoints;
    std::uint64_t seed = 0;
    std::filesystem::path alone, with_poseaug;
};

/// All cells: by estimator, then kind of 2D, then seed.
std::vector<GridCell> cells_of(const GridOptions& grid);

/// Brings a cell's two runs to their end: what is finished stays, what was begun is resumed; both must have been made
/// with the same settings. PoseAug starts from the
/// pretrained weights that were best on h36m, as published. Rates and dropout are the published ones of the estimator.
/// `started` is told which run begins. Throws Error as the runs do.
void run_cell(Device& device, const GridOptions& grid, const GridCell& cell,
              const std::function<void(const std::string&)>& started, const RunEvents& events);

} // namespace poseaug
