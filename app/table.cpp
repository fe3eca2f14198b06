#include "app/training_options.hpp"
#include "app/verbs.hpp"
#include "training/grid.hpp"
#include "training/run_log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace poseaug::app {

namespace {

using nlohmann::json;

/// What one run came to on one test set; none where it has not been made.
using Figure = std::optional<double>;

std::string all_models() {
    std::string names;
    for (const Estimator& e : estimators()) names += (names.empty() ? "" : ",") + std::string(e.name);
    return names;
}

struct Settings {
    GridOptions grid;
    DataChoice data;
    DeviceChoice device;
    JsonChoice json;
    std::string models = all_models(), keypoints = "gt", seeds = "0", subjects = "S1,S5,S6,S7,S8";
    std::string metric = "mpjpe", pick = "best";
    bool collect = false, quiet = false;
};

std::vector<std::uint64_t> seeds_of(const std::string& text) {
    std::vector<std::uint64_t> seeds;
    for (const std::string& word : split_list(text)) {
        std::uint64_t seed = 0;
        if (!CLI::detail::lexical_cast(word, seed))
            throw Error("--seeds: '" + word +
                        "' is not a whole number of at least 0; write numbers separated by "
                        "commas, such as 0,1,2");
        if (std::ranges::find(seeds, seed) != seeds.end()) throw Error("--seeds: " + word + " is given twice");
        seeds.push_back(seed);
    }
    return seeds;
}

GridOptions resolved(const Settings& s) {
    GridOptions grid = s.grid;
    grid.run.data = s.data.folder;
    grid.run.subjects = split_list(s.subjects);
    grid.models = split_list(s.models);
    grid.keypoints = split_list(s.keypoints);
    grid.seeds = seeds_of(s.seeds);
    for (const std::string& model : grid.models) find_estimator(model);
    return grid;
}

std::string name_of(const GridCell& cell) {
    return fmt::format("{}, {}, seed {}", cell.model, cell.keypoints, cell.seed);
}

/// Trains what is missing. One run's failure (a collapse, say) does not keep the others from running; returns what went
/// wrong, a line a cell.
std::vector<std::string> train_all(const Settings& s, const GridOptions& grid) {
    std::vector<std::string> failures;
    const auto device = s.device.open();
    for (const GridCell& cell : cells_of(grid)) {
        TrainingDisplay display(s.quiet, /*lines_on_stderr=*/true);
        try {
            run_cell(
                *device, grid, cell, [&](const std::string& run) { note(name_of(cell) + ": " + run); },
                display.events());
        } catch (const std::exception& error) {
            failures.push_back(name_of(cell) + ": " + error.what());
            note(failures.back());
        }
    }
    return failures;
}

struct Summary {
    double mean = 0, deviation = 0; ///< sample standard deviation; 0 of one
    std::size_t count = 0;
};

Summary summary_of(const std::vector<double>& values) {
    Summary s;
    s.count = values.size();
    if (values.empty()) return s;
    const auto n = static_cast<double>(values.size());
    s.mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
    for (const double v : values) s.deviation += (v - s.mean) * (v - s.mean);
    s.deviation = values.size() > 1 ? std::sqrt(s.deviation / (n - 1)) : 0;
    return s;
}

/// "82.4", "82.4 +-0.7" with several seeds, "-" with none; "82.4 (1 of 3 seeds)" where some are not finished.
std::string text_of(const Summary& s, std::size_t seeds) {
    if (s.count == 0) return "-";
    std::string text = fmt::format("{:.1f}", s.mean);
    if (s.count > 1) text += fmt::format(" +-{:.1f}", s.deviation);
    return s.count < seeds ? fmt::format("{} ({} of {} seeds)", text, s.count, seeds) : text;
}

json json_of(const Summary& s) {
    if (s.count == 0) return nullptr;
    return {{"mean", s.mean}, {"deviation", s.deviation}, {"seeds", s.count}};
}

/// Figures of an estimator on one kind of 2D, over the seeds that have been run.
struct Entry {
    Summary alone, with_poseaug;
};

Entry entry_of(const Settings& s, const GridOptions& grid, const std::string& model, const std::string& keypoints,
               const std::string& set) {
    const Pick pick = s.pick == "best" ? Pick::best : Pick::last;
    std::vector<double> alone, with_poseaug;
    const auto take = [&](const std::filesystem::path& run, std::vector<double>& figures) {
        if (!is_finished(run)) return;
        if (const Figure f = figure(read_log(run / "log.jsonl"), set, s.metric, pick)) figures.push_back(*f);
    };
    for (const GridCell& cell : cells_of(grid))
        if (cell.model == model && cell.keypoints == keypoints) {
            take(cell.alone, alone);
            take(cell.with_poseaug, with_poseaug);
        }
    return {summary_of(alone), summary_of(with_poseaug)};
}

/// Rows of cells as Markdown, columns padded so that it also reads well as it stands.
std::string markdown(const std::vector<std::vector<std::string>>& rows) {
    std::vector<std::size_t> widths(rows.front().size(), 3);
    for (const auto& row : rows)
        for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], row[c].size());
    const auto line = [&](const std::vector<std::string>& row) {
        std::string text = "|";
        for (std::size_t c = 0; c < row.size(); ++c) text += fmt::format(" {:<{}} |", row[c], widths[c]);
        return text + "\n";
    };
    std::string text = line(rows.front()) + "|";
    for (const std::size_t width : widths) text += std::string(width + 2, '-') + "|";
    text += "\n";
    for (std::size_t r = 1; r < rows.size(); ++r) text += line(rows[r]);
    return text;
}

std::string heading(const Settings& s) {
    const bool percent = s.metric == "pck" || s.metric == "auc";
    return fmt::format(
        "{} in {}, alone -> with PoseAug; {}; seeds {}, mean +- standard deviation of several\n", s.metric,
        percent ? "percent" : "mm",
        s.pick == "best"
            ? "the best epoch (with PoseAug its start included), chosen on the test set itself as published"
            : "after the last epoch",
        s.seeds);
}

void report(const Settings& s, const GridOptions& grid) {
    std::string text = heading(s);
    json all;
    for (const std::string set : {"h36m", "3dhp"}) {
        std::vector<std::vector<std::string>> rows = {{set}};
        rows[0].insert(rows[0].end(), grid.models.begin(), grid.models.end());
        bool any = false;
        for (const std::string& keypoints : grid.keypoints) {
            rows.push_back({keypoints});
            for (const std::string& model : grid.models) {
                const Entry e = entry_of(s, grid, model, keypoints, set);
                any = any || e.alone.count + e.with_poseaug.count > 0;
                rows.back().push_back(e.alone.count + e.with_poseaug.count == 0
                                          ? "-"
                                          : text_of(e.alone, grid.seeds.size()) + " -> " +
                                                text_of(e.with_poseaug, grid.seeds.size()));
                all[set][keypoints][model] = {{"alone", json_of(e.alone)}, {"poseaug", json_of(e.with_poseaug)}};
            }
        }
        if (any) text += "\n" + markdown(rows);
        else all.erase(set);
    }
    if (all.is_null() || all.empty())
        throw Error(grid.run.out.string() + " holds no finished run of this grid; run the verb without "
                                            "--collect to train it");
    s.json.report(text, {{"metric", s.metric}, {"epoch", s.pick}, {"seeds", grid.seeds}, {"table", all}});
}

void run(const Settings& s) {
    s.json.require_writable();
    const GridOptions grid = resolved(s);
    std::vector<std::string> failures;
    if (!s.collect) failures = train_all(s, grid);
    if (failures.size() == cells_of(grid).size()) throw Error("no training of the grid succeeded: " + failures.front());
    report(s, grid);
    if (!failures.empty())
        throw Error(fmt::format("{} of {} trainings failed, the first: {}", failures.size(), cells_of(grid).size(),
                                failures.front()));
}

} // namespace

void add_table(CLI::App& app) {
    CLI::App* verb = app.add_subcommand(
        "table", "Runs a grid of trainings (estimators x 2D x seeds), or collects it, and prints the paper's table");
    const auto s = std::make_shared<Settings>();
    GridOptions& grid = s->grid;
    s->data.add_to(*verb);
    verb->remove_option(verb->get_option("--keypoints"));
    verb->add_option("--keypoints", s->keypoints, "Kinds of 2D, separated by commas: NAMEs of data_2d_h36m_NAME.npz")
        ->check(name_list())
        ->capture_default_str()
        ->type_name("LIST");
    verb->add_option("--models", s->models, "Estimators, separated by commas")
        ->check(name_list())
        ->capture_default_str()
        ->type_name("LIST");
    verb->add_option("--seeds", s->seeds, "Seeds, separated by commas")->capture_default_str()->type_name("LIST");
    verb->add_option("--out", grid.run.out, "Folder of the grid's runs; what is in it is gone on with")
        ->required()
        ->type_name("DIR");
    verb->add_flag("--collect", s->collect, "Train nothing: only print the finished runs that the folder holds");
    verb->add_option("--metric", s->metric, "Figure to print")
        ->check(CLI::IsMember({"mpjpe", "pa_mpjpe", "n_mpjpe", "mpjpe_actions", "pa_mpjpe_actions", "pck", "auc"}))
        ->capture_default_str();
    verb->add_option("--epoch", s->pick,
                     "best: the best epoch on each test set, chosen on that set as published; last: the last one")
        ->check(CLI::IsMember({"best", "last"}))
        ->capture_default_str();
    verb->add_option("--pretrain-epochs", grid.pretrain_epochs, "Of each estimator alone; default: as published")
        ->check(CLI::Range(1, 1'000'000));
    verb->add_option("--epochs", grid.epochs, "With PoseAug")->check(CLI::Range(1, 1'000'000))->capture_default_str();
    verb->add_option("--batch", grid.batch, "Poses a step")->check(CLI::Range(2, 1 << 20))->capture_default_str();
    verb->add_option("--width", grid.run.width, "Channels of the estimators' layers; default: as published")
        ->check(CLI::Range(1, 65536));
    add_subjects(*verb, s->subjects);
    verb->add_option("--stride", grid.run.stride, "Take every N-th training frame")
        ->check(at_least(1))
        ->capture_default_str();
    verb->add_flag("--quiet", s->quiet, "No progress on stderr");
    s->device.add_to(*verb);
    s->device.add_arithmetic_to(*verb);
    s->json.add_to(*verb);
    verb->footer("The two runs of a cell lie in DIR/MODEL/KEYPOINTS/seedN/alone and .../poseaug; PoseAug starts from\n"
                 "alone/best.safetensors. A grid that was interrupted is gone on with by the same command.\n"
                 "Example:\n"
                 "  poseaug table --data data --models mlp,videopose --keypoints gt,noisy --seeds 0,1,2 --out grid");
    verb->callback([s] { run(*s); });
}

} // namespace poseaug::app
