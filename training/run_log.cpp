#include "training/run_log.hpp"

#include "kernels/error.hpp"

#include <algorithm>
#include <fstream>

namespace poseaug {

namespace {

using nlohmann::json;

bool more_is_better(const std::string& metric) { return metric == "pck" || metric == "auc"; }

/// The test sets' errors of an epoch, pass by pass. Pretraining has one pass and logs its errors without a name.
std::vector<json> passes_of(const json& errors, const std::string& set) {
    if (errors.contains(set)) return {errors};
    std::vector<json> passes;
    for (const char* pass : {"start", "augmented", "original"})
        if (errors.contains(pass) && (set != "h36m" || std::string(pass) != "augmented"))
            passes.push_back(errors[pass]);
    return passes;
}

std::vector<double> all_figures(const std::vector<json>& log, const std::string& set, const std::string& metric) {
    std::vector<double> figures;
    for (const json& line : log) {
        if (!line.contains("errors")) continue;
        for (const json& errors : passes_of(line["errors"], set))
            if (errors.contains(set) && errors[set].contains(metric) && errors[set][metric].is_number())
                figures.push_back(errors[set][metric].get<double>());
    }
    return figures;
}

} // namespace

std::vector<json> read_log(const std::filesystem::path& file) {
    std::vector<json> lines;
    std::ifstream log(file);
    for (std::string line; std::getline(log, line);) {
        json entry = json::parse(line, nullptr, false);
        if (!entry.is_object() || !entry.contains("epoch") || !entry["epoch"].is_number_integer())
            throw Error(file.string() + " is damaged at line " + std::to_string(lines.size() + 1) +
                        "; start the run anew in another folder");
        lines.push_back(std::move(entry));
    }
    return lines;
}

bool is_finished(const std::filesystem::path& run) {
    std::ifstream file(run / "settings.json");
    const json settings = json::parse(file, nullptr, false);
    const std::vector<json> log = read_log(run / "log.jsonl");
    return settings.is_object() && settings.contains("epochs") && !log.empty() &&
           log.back()["epoch"] >= settings["epochs"];
}

std::optional<double> figure(const std::vector<json>& log, const std::string& set, const std::string& metric,
                             Pick pick) {
    const std::vector<double> figures = all_figures(log, set, metric);
    if (figures.empty()) return std::nullopt;
    if (pick == Pick::last) return figures.back();
    return more_is_better(metric) ? std::ranges::max(figures) : std::ranges::min(figures);
}

} // namespace poseaug
