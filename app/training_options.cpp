#include "app/training_options.hpp"

#include "data/atomic_file.hpp"

#include <cstdio>
#include <iostream>

namespace poseaug::app {

void TrainingOptions::add_to(CLI::App& verb) {
    verb.add_option("--data", run.data, "Folder in the public Human3.6M layout")->required();
    verb.add_option("--model", run.model, "Estimator: " + estimator_names())->capture_default_str();
    verb.add_option("--out", run.out, "Folder of the run")->required();
    verb.add_option("--keypoints", run.keypoints, "2D source: data_2d_h36m_NAME.npz")->capture_default_str();
    verb.add_option("--subjects", subjects, "Training subjects, separated by commas")->capture_default_str();
    verb.add_option("--stride", run.stride, "Takes every N-th frame")->check(CLI::PositiveNumber)->capture_default_str();
    verb.add_option("--width", run.width, "Channels of the estimator's layers; default: as published, or as --init has")
        ->check(CLI::Range(1, 65536));
    verb.add_option("--seed", run.seed, "Of every random decision")->capture_default_str();
    verb.add_flag("--resume", run.resume, "Goes on with the run in --out");
    verb.add_option("--json", json, "Also writes the result here; - is stdout");
    verb.add_flag("--quiet", quiet, "No progress");
    device.add_to(verb);
}

RunOptions TrainingOptions::resolved() const {
    RunOptions options = run;
    options.subjects = split_list(subjects);
    find_estimator(options.model);
    return options;
}

namespace {

using nlohmann::json;

std::string errors_text(const json& errors) {
    std::string text;
    for (const auto& [set, result] : errors.items()) {
        char line[96];
        std::snprintf(line, sizeof line, "  %s %.1f / %.1f mm", set.c_str(), result["mpjpe"].get<double>(), result["pa_mpjpe"].get<double>());
        text += line;
    }
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
    if (line.contains("seconds")) {
        char seconds[32];
        std::snprintf(seconds, sizeof seconds, "  %.1f s", line["seconds_all"].get<double>());
        text += seconds;
    }
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
        std::cout << epoch_text(line) << std::endl;
    };
    return events;
}

void write_json(const std::filesystem::path& path, const json& result) {
    if (path.empty()) return;
    const std::string text = result.dump(2) + "\n";
    if (path == "-") {
        std::cout << text;
        return;
    }
    AtomicFile file(path);
    file.write(text);
    file.commit();
}

} // namespace poseaug::app
