#pragma once
#include <nlohmann/json.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace poseaug {

/// Lines of a run's `log.jsonl`, one an epoch; none where the file is missing. Throws Error naming a damaged line.
std::vector<nlohmann::json> read_log(const std::filesystem::path& file);

/// Whether a run's folder has logged all epochs that its settings ask for.
bool is_finished(const std::filesystem::path& run);

/// Which of a run's evaluations stands for it.
enum class Pick {
    best, ///< of all epochs, the start included: chosen on the very set it is measured on, as published
    last  ///< the one that ended the run
};

/// A metric ("mpjpe", "pck", ...) of a run on a test set as the published table counts it (method section 7): h36m is
/// looked at after the pass over the original poses only, any other set after either pass of an epoch. None where
/// nothing of the kind is logged.
std::optional<double> figure(const std::vector<nlohmann::json>& log, const std::string& set, const std::string& metric,
                             Pick pick);

} // namespace poseaug
