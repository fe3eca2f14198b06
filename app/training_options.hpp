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

    void add_to(CLI::App& verb);
    /// The run as it was asked for.
    RunOptions resolved() const;
};

/// Shows a run's progress on stderr and a line an epoch on stdout, or on stderr too.
class TrainingDisplay {
public:
    TrainingDisplay(bool quiet, bool lines_on_stderr) : quiet_(quiet), lines_on_stderr_(lines_on_stderr) {}
    explicit TrainingDisplay(const TrainingOptions& options) // stdout may be the JSON's
        : TrainingDisplay(options.quiet, options.json.to_stdout()) {}
    RunEvents events();

private:
    bool quiet_, lines_on_stderr_;
    std::string pass_;
    std::unique_ptr<ProgressLine> line_;
};

/// "best_h36m: 38.4 mm in epoch 12, FILE", with the warning that the figure chose its own epoch; nothing for a null
/// summary.
std::string best_text(const std::string& name, const nlohmann::json& summary, const std::filesystem::path& folder);

} // namespace poseaug::app
