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
    std::string data_memory = "auto";
    bool quiet = false;

    /// `weights` names the option whose file tells the estimator where --model does not; without one, --model has to.
    void add_to(CLI::App& verb, const std::string& weights = {});
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

/// For each best checkpoint of a run's result its errors, epoch and file, and on which poses they chose it; of one that
/// held-out poses chose also the errors on the test sets.
std::string best_text(const nlohmann::json& result, const std::filesystem::path& folder);

} // namespace poseaug::app
