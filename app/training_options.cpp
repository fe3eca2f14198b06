#include "app/training_options.hpp"

#include <fmt/format.h>

#include <iostream>

namespace poseaug::app {

void TrainingOptions::add_to(CLI::App& verb, const std::string& weights) {
    data.add_to(verb);
    run.model.clear();
    if (weights.empty()) add_model(verb, run.model);
    else add_model_of(verb, run.model, weights);
    verb.add_option("--out", run.out, "Folder of the run")->required()->type_name("DIR");
    add_subjects(verb, subjects);
    verb.add_option("--stride", run.stride, "Take every N-th frame")->check(at_least(1))->capture_default_str();
    verb.add_option("--width", run.width,
                    "Channels of the estimator's (first) layers; as published, or as --init has, if not given")
        ->check(CLI::Range(1, 65536));
    verb.add_option("--seed", run.seed, "Of every random decision")->check(at_least(0))->capture_default_str();
    verb.add_flag("--resume", run.resume, "Go on with the run in --out");
    verb.add_flag("--quiet", quiet, "No progress on stderr");
    device.add_to(verb);
    device.add_convolution_to(verb);
    json.add_to(verb);
}

RunOptions TrainingOptions::resolved() const {
    RunOptions options = run;
    options.data = data.folder;
    options.keypoints = data.keypoints;
    options.subjects = split_list(subjects);
    return options;
}

namespace {

using nlohmann::json;

std::string errors_text(const json& errors) {
    std::string text;
    for (const auto& [set, result] : errors.items())
        text += fmt::format("  {} {:.1f} / {:.1f} mm", set, result["mpjpe"].get<double>(),
                            result["pa_mpjpe"].get<double>());
    return text;
}

/// "epoch 3  kept 18322  original: h36m 92.0 / 79.8 mm ..." (MPJPE / PA-MPJPE).
std::string epoch_text(const json& line) {
    std::string text = "epoch " + std::to_string(line["epoch"].get<int>());
    if (line.contains("kept")) text += "  kept " + std::to_string(line["kept"].get<std::int64_t>());
    if (line.contains("errors")) {
        const json& errors = line["errors"];
        if (errors.contains("h36m") || errors.contains("3dhp")) {
            text += errors_text(errors);
        } else {
            for (const auto& [pass, results] : errors.items()) text += "  " + pass + ":" + errors_text(results);
        }
    }
    if (line.contains("seconds_all")) text += fmt::format("  {:.1f} s", line["seconds_all"].get<double>());
    return text;
}

} // namespace

RunEvents TrainingDisplay::events() {
    RunEvents events;
    events.progress = [this](const std::string& pass, std::int64_t done, std::int64_t total) {
        if (!line_ || pass != pass_) line_ = std::make_unique<ProgressLine>(pass_ = pass, quiet_);
        line_->update(done, total);
    };
    events.epoch = [this](const json& line) {
        line_.reset();
        // stdout may be the JSON's
        (json_on_stdout_ ? std::cerr : std::cout) << epoch_text(line) << std::endl;
    };
    return events;
}

std::string best_text(const std::string& name, const json& summary, const std::filesystem::path& folder) {
    if (summary.is_null()) return "";
    return fmt::format("{}: {:.1f} mm in epoch {}, {} (chosen on the set it is measured on)\n", name,
                       summary["mpjpe"].get<double>(), summary["epoch"].get<int>(),
                       (folder / summary["file"].get<std::string>()).string());
}

} // namespace poseaug::app
