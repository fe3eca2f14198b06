#include "app/options.hpp"
#include "app/report.hpp"
#include "app/verbs.hpp"
#include "data/h36m.hpp"
#include "training/evaluation.hpp"
#include "training/test_sets.hpp"
#include "training/weights.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace poseaug::app {

namespace {

constexpr const char* kH36m = "h36m";
constexpr const char* k3dhp = "3dhp";

struct Settings {
    DataChoice data;
    DeviceChoice device;
    JsonChoice json;
    std::string model, weights, on, subjects = "S9,S11";
    int stride = 1;
    std::shared_ptr<bool> flip = std::make_shared<bool>(false), flip_given = std::make_shared<bool>(false);
};

/// The test sets asked for, or those that the folder has.
std::vector<std::string> chosen_sets(const Settings& s) {
    if (!s.on.empty()) return {s.on};
    std::vector<std::string> sets;
    if (std::filesystem::exists(s.data.folder / "data_3d_h36m.npz")) sets.emplace_back(kH36m);
    if (std::filesystem::exists(s.data.folder / "test_3dhp.npz")) sets.emplace_back(k3dhp);
    if (sets.empty())
        throw Error(s.data.folder.string() +
                    " holds neither data_3d_h36m.npz nor test_3dhp.npz; poseaug synth --out DIR makes such files");
    return sets;
}

PoseSet load(const Settings& s, const std::string& set) {
    if (set == k3dhp) return load_3dhp_test(s.data.folder / "test_3dhp.npz");
    return load_h36m(s.data.folder, s.data.keypoints, split_list(s.subjects), s.stride);
}

EvaluationResult evaluate(const Settings& s, const std::string& set, const Estimator& estimator,
                          Network<float>& network) {
    const PoseSet poses = load(s, set);
    note(fmt::format("evaluating {} poses of {}", poses.size(), set));
    Stream<float> stream(network.device());
    const bool flip = *s.flip_given ? *s.flip : set == k3dhp;
    EvaluationResult result = Evaluator<float>(stream, poses, estimator, network, flip).run();
    if (!is_finite(result))
        throw Error(s.weights + ": its estimates are not finite on this data; the weights are of no use");
    return result;
}

std::string title_of(const Settings& s, const std::string& set) {
    return set == k3dhp ? fmt::format("{} on test_3dhp", s.model)
                        : fmt::format("{} on {}, {} keypoints", s.model, s.subjects, s.data.keypoints);
}

void run(Settings s) {
    s.json.require_writable();
    const auto sets = chosen_sets(s);
    const auto device = s.device.open();
    LoadedEstimator<float> estimator = load_estimator<float>(*device, s.weights, s.model);
    s.model = estimator.kind.name;
    std::string text;
    nlohmann::json all;
    for (const std::string& set : sets) {
        const EvaluationResult result = evaluate(s, set, estimator.kind, estimator.network);
        text += (text.empty() ? "" : "\n") + table(title_of(s, set), result);
        all[set] = to_json(result);
        all[set].update({{"model", s.model}, {"weights", s.weights}, {"on", set}});
    }
    s.json.report(text, all.size() == 1 ? all.front() : all);
}

} // namespace

void add_evaluate(CLI::App& app) {
    CLI::App* verb =
        app.add_subcommand("evaluate", "Measures an estimator: errors in mm, in all, per action and per joint");
    const auto s = std::make_shared<Settings>();
    s->data.add_to(*verb);
    add_model_of(*verb, s->model, "--weights");
    verb->add_option("--weights", s->weights, std::string("Weights of the estimator: ") + kWeightFiles)
        ->required()
        ->type_name("FILE");
    verb->add_option("--on", s->on,
                     "Test set: h36m, or 3dhp (test_3dhp.npz); both where the files are there, if not given")
        ->check(CLI::IsMember({kH36m, k3dhp}));
    add_subjects(*verb, s->subjects);
    verb->add_option("--stride", s->stride, "Take every N-th frame of h36m")->check(at_least(1))->capture_default_str();
    add_flip(*verb, s->flip, s->flip_given);
    s->device.add_to(*verb);
    s->device.add_convolution_to(*verb);
    s->json.add_to(*verb);
    verb->footer(
        "Without --flip or --no-flip, 3dhp is measured with flip averaging and h36m without, as published.\n"
        "JSON: mpjpe, pa_mpjpe, n_mpjpe (mm), pck, auc (percent), mpjve, mpjpe_actions, poses, per_action, per_joint; "
        "for two sets, an\n"
        "object of them by name.\n"
        "Example:\n"
        "  poseaug evaluate --data data --weights run2/best_3dhp.safetensors --on 3dhp --json errors.json");
    verb->callback([s] { run(*s); });
}

} // namespace poseaug::app
