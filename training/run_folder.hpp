#pragma once
#include <nlohmann/json.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace poseaug {

/// The folder of one training run: `settings.json` (with the version that made it), `log.jsonl` (a line an epoch),
/// checkpoints. Files are written beside and renamed.
class RunFolder {
public:
    /// Makes the folder and writes the settings. With `resume` the folder must hold a run of the same settings, else it
    /// must hold none. Throws Error, naming the setting that differs.
    RunFolder(std::filesystem::path folder, const nlohmann::json& settings, bool resume);

    std::filesystem::path file(const std::string& name) const { return folder_ / name; }
    /// Adds a line to the log in memory.
    void log(const nlohmann::json& line) { lines_.push_back(line); }
    /// The log as its file has it.
    std::string log_text() const;
    /// Writes log.jsonl.
    void write_log(const std::string& text) const;
    /// Forgets lines of epochs after `epoch`, which a resumed run writes anew.
    void keep_log_until(int epoch);
    const std::vector<nlohmann::json>& lines() const { return lines_; }

private:
    std::filesystem::path folder_;
    std::vector<nlohmann::json> lines_;
};

} // namespace poseaug
