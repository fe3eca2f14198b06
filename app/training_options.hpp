#pragma once
#include "app/options.hpp"
#include "app/progress.hpp"
#include "training/runs.hpp"

namespace poseaug::app {

/// Options that `pretrain` and `train` share.
struct TrainingOptions {
    RunOptions run;
    DeviceChoice device;
    std::string subjects = "S1,S5,S6,S7,S8";
    std::filesystem::path json;
    bool quiet = false;

    void add_to(CLI::App& verb);
    /// With the subjects split.
    RunOptions resolved() const;
};

/// Shows a run's progress on stderr and a line an epoch on stdout.
class TrainingDisplay {
public:
    explicit TrainingDisplay(bool quiet) : quiet_(quiet) {}
    RunEvents events();

private:
    bool quiet_;
    std::string pass_;
    std::unique_ptr<ProgressLine> line_;
};

/// Writes a result to a file, or to stdout for "-"; nothing for an empty path.
void write_json(const std::filesystem::path& path, const nlohmann::json& result);

} // namespace poseaug::app
