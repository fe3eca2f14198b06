#pragma once
#include "app/options.hpp"
#include "app/progress.hpp"
#include "training/runs.hpp"

namespace poseaug::app {

/// Options that `pretrain` and `train` share.
struct TrainingOptions {
    RunOptions run;
    DataChoice data;
    DeviceChoice device;
    JsonChoice json;
    std::string subjects = "S1,S5,S6,S7,S8";
    bool quiet = false;

    /// `weights` names the option whose file tells the estimator where --model does not; without one, --model has to.
    void add_to(CLI::App& verb, const std::string& weights = {});
    /// The run as it was asked for.
    RunOptions resolved() const;
};

/// Shows a run's progress on stderr and a line an epoch on stdout.
class TrainingDisplay {
public:
    explicit TrainingDisplay(const TrainingOptions& options)
        : quiet_(options.quiet), json_on_stdout_(options.json.to_stdout()) {}
    RunEvents events();

private:
    bool quiet_, json_on_stdout_;
    std::string pass_;
    std::unique_ptr<ProgressLine> line_;
};

/// "best_h36m: 38.4 mm in epoch 12, FILE", with the warning that the figure chose its own epoch; nothing for a null
/// summary.
std::string best_text(const std::string& name, const nlohmann::json& summary, const std::filesystem::path& folder);

} // namespace poseaug::app
