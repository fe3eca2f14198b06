#pragma once
#include "engine/device.hpp"
#include "engine/steps.hpp"
#include "training/data_placement.hpp"
#include "training/settings.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace poseaug {

/// What pretraining and PoseAug training share.
struct RunOptions {
    std::filesystem::path data, out;
    std::string model = "mlp";
    std::string keypoints = "gt";
    std::vector<std::string> subjects = {"S1", "S5", "S6", "S7", "S8"};
    int stride = 1;
    std::string select_on = "test"; ///< what the best checkpoints are chosen by; see Selection::of
    std::string align; ///< a set or file (see load_image_set) to whose 2D boxes training poses are moved; empty: none
    std::filesystem::path extra_2d; ///< PoseAug: 2D poses that join the 2D discriminator's real samples; empty: none
    int width = 0;                  ///< of the estimator's layers; 0: as published, or as the initial weights have it
    DataMemory data_memory = DataMemory::automatic;
    std::uint64_t seed = 0;
    bool resume = false;
};

/// What a run tells while it goes on. All may be empty.
struct RunEvents {
    /// After every step: the pass it belongs to, steps done and steps in all.
    std::function<void(const std::string& pass, std::int64_t done, std::int64_t total)> progress;
    /// After every epoch: its line of the log.
    std::function<void(const nlohmann::json& line)> epoch;
    /// A remark about the data.
    std::function<void(const std::string& text)> note;
};

/// Pretrains an estimator alone (method section 4) and evaluates it after each epoch. Writes into `out`: settings.json,
/// log.jsonl, best.safetensors (by the Human3.6M test error, or by the held-out poses'), last.safetensors,
/// state.safetensors. Returns the errors of the best (`best_h36m` or `best_held_out`) and of the last epoch. Throws Error;
/// a collapsed run is named.
nlohmann::json run_pretraining(Device& device, const RunOptions& options, const PretrainSettings& settings,
                               const RunEvents& events = {});

/// Trains with the augmentor, from `init` (empty: from fresh weights). Writes settings.json, log.jsonl, best_h36m and
/// best_3dhp, or best_held_out (by either pass's evaluation, the start included), last, augmentor and state
/// `.safetensors`. Returns the errors of these by name (null for a set that is not there) and of the last epoch.
nlohmann::json run_poseaug(Device& device, const RunOptions& options, const PoseAugSettings& settings,
                           const std::filesystem::path& init, const RunEvents& events = {});

} // namespace poseaug
