#include "training/grid.hpp"

#include "models/estimators.hpp"
#include "training/run_log.hpp"

namespace poseaug {

namespace {

RunOptions options_of(const GridOptions& grid, const GridCell& cell, const std::filesystem::path& out) {
    RunOptions options = grid.run;
    options.model = cell.model;
    options.keypoints = cell.keypoints;
    options.seed = cell.seed;
    options.out = out;
    options.resume = std::filesystem::exists(out / "settings.json");
    return options;
}

PretrainSettings pretrain_settings(const GridOptions& grid, const Estimator& kind) {
    PretrainSettings settings;
    settings.epochs = grid.pretrain_epochs > 0 ? grid.pretrain_epochs : kind.epochs_pretrain;
    settings.batch = grid.batch;
    settings.rate = kind.rate_pretrain;
    settings.dropout = kind.dropout_pretrain;
    return settings;
}

PoseAugSettings poseaug_settings(const GridOptions& grid, const Estimator& kind) {
    PoseAugSettings settings;
    settings.epochs = grid.epochs;
    settings.batch = grid.batch;
    settings.rate_estimator = kind.rate;
    settings.dropout = kind.dropout;
    return settings;
}

} // namespace

std::vector<GridCell> cells_of(const GridOptions& grid) {
    std::vector<GridCell> cells;
    for (const std::string& model : grid.models)
        for (const std::string& keypoints : grid.keypoints)
            for (const std::uint64_t seed : grid.seeds) {
                const auto folder = grid.run.out / model / keypoints / ("seed" + std::to_string(seed));
                cells.push_back({model, keypoints, seed, folder / "alone", folder / "poseaug"});
            }
    return cells;
}

void run_cell(Device& device, const GridOptions& grid, const GridCell& cell,
              const std::function<void(const std::string&)>& started, const RunEvents& events) {
    const Estimator& kind = find_estimator(cell.model);
    const PretrainSettings alone = pretrain_settings(grid, kind);
    // a finished run is entered too, for the check that it was made with the same settings
    if (!is_finished(cell.alone)) started("pretraining");
    run_pretraining(device, options_of(grid, cell, cell.alone), alone, events);
    const PoseAugSettings with = poseaug_settings(grid, kind);
    if (!is_finished(cell.with_poseaug)) started("PoseAug");
    RunOptions options = options_of(grid, cell, cell.with_poseaug);
    options.width = 0; // that of the pretrained weights
    run_poseaug(device, options, with, cell.alone / "best.safetensors", events);
}

} // namespace poseaug
