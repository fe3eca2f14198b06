#include "app/training_options.hpp"

#include "training/selection.hpp"

#include <fmt/format.h>

#include <iostream>

namespace poseaug::app {

namespace {

CLI::Validator selection() {
    return CLI::Validator(
        [](std::string& text) {
            try {
                Selection::of(text);
            } catch (const Error& error) {
                return std::string(error.what());
            }
            return std::string();
        },
        "");
}

} // namespace

void TrainingOptions::add_to(CLI::App& verb, const std::string& weights) {
    data.add_to(verb);
    run.model.clear();
    if (weights.empty()) add_model(verb, run.model);
    else add_model_of(verb, run.model, weights);
    verb.add_option("--out", run.out, "Folder of the run")->required()->type_name("DIR");
    add_subjects(verb, subjects);
    verb.add_option(
            "--select-on", run.select_on,
            "What chooses the best checkpoints: the test sets themselves, as published (test), or poses held out "
            "of the training: subjects (S8) or a share of the motions (0.1)")
        ->check(selection())
        ->capture_default_str()
        ->type_name("WHAT");
    verb.add_option("--align", run.align,
                    "Move training poses so that their 2D boxes are distributed as those of this 2D: NAME of a "
                    "test_NAME.npz in the folder, h36m, or a file of 2D keypoints")
        ->type_name("SET|FILE");
    verb.add_option("--stride", run.stride, "Take every N-th frame")->check(at_least(1))->capture_default_str();
    verb.add_option("--width", run.width,
                    "Channels of the estimator's (first) layers; as published, or as --init has, if not given")
        ->check(CLI::Range(1, 65536));
    verb.add_option("--data-memory", data_memory,
                    "Where poses are kept: in the device's memory as far as there is room (auto), all there (device), "
                    "or in the host's (host); results are the same")
        ->check(CLI::IsMember({"auto", "device", "host"}))
        ->capture_default_str();
    verb.add_option("--seed", run.seed, "Of every random decision")->check(at_least(0))->capture_default_str();
    verb.add_flag("--resume", run.resume, "Go on with the run in --out");
    verb.add_flag("--quiet", quiet, "No progress on stderr");
    device.add_to(verb);
    device.add_arithmetic_to(verb);
    json.add_to(verb);
}

RunOptions TrainingOptions::resolved() const {
    RunOptions options = run;
    options.data = data.folder;
    options.keypoints = data.keypoints;
    options.subjects = split_list(subjects);
    options.data_memory = find_data_memory(data_memory);
    return options;
}

namespace {

using nlohmann::json;

/// "92.0 / 79.8 mm, PCK 84.1, AUC 50.2" (MPJPE / PA-MPJPE, percent).
std::string figures_text(const json& result) {
    const auto of = [&](const char* metric) { return result[metric].get<double>(); };
    return fmt::format("{:.1f} / {:.1f} mm, PCK {:.1f}, AUC {:.1f}", of("mpjpe"), of("pa_mpjpe"), of("pck"), of("auc"));
}

std::string errors_text(const json& errors) {
    std::string text;
    for (const auto& [set, result] : errors.items()) text += fmt::format("  {} {}", set, figures_text(result));
    return text;
}

/// "epoch 3  kept 18322  original:  h36m 92.0 / 79.8 mm, PCK 84.1, AUC 50.2 ...".
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
        if (quiet_ && lines_on_stderr_) return;
        (lines_on_stderr_ ? std::cerr : std::cout) << epoch_text(line) << std::endl;
    };
    events.note = [](const std::string& text) { note(text); };
    return events;
}

std::string best_text(const json& result, const std::filesystem::path& folder) {
    std::string text;
    for (const auto& [name, best] : result.items()) {
        if (!name.starts_with("best_") || best.is_null()) continue;
        const bool honest = best["chosen_on"] == "held_out";
        text += fmt::format("{}: {} in epoch {}, {} ({})\n", name, figures_text(best), best["epoch"].get<int>(),
                            (folder / best["file"].get<std::string>()).string(),
                            honest ? "chosen on these held-out poses" : "chosen on the set it is measured on");
        if (honest)
            for (const auto& [set, other] : best["not_chosen_by"].items())
                text += fmt::format("  on {}, which had no part in the choice: {}\n", set, figures_text(other));
    }
    return text;
}

} // namespace poseaug::app
