#include "app/options.hpp"
#include "app/report.hpp"
#include "app/verbs.hpp"
#include "data/box_alignment.hpp"
#include "data/fingerprint.hpp"
#include "data/h36m.hpp"
#include "data/test_set.hpp"
#include "training/checkpoints.hpp"
#include "training/image_set.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace poseaug::app {

namespace {

constexpr const char* kH36m = "h36m";
constexpr const char* k3dhp = "3dhp";

struct Settings {
    DataChoice data;
    DeviceChoice device;
    JsonChoice json;
    std::string model, weights, on, align, subjects = "S9,S11";
    int stride = 1;
    std::shared_ptr<bool> flip = std::make_shared<bool>(false), flip_given = std::make_shared<bool>(false);
};

/// A set to test on, with words for what it is.
struct TestPoses {
    std::string name, title;
    std::string image; ///< where the 2D is from
    PoseSet poses;
};

std::filesystem::path test_file(const Settings& s, const std::string& name) {
    return s.data.folder / ("test_" + name + ".npz");
}

/// NAME of every test_NAME.npz in the folder, in order.
std::vector<std::string> test_files(const std::filesystem::path& folder) {
    std::vector<std::string> names;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
        const std::string name = entry.path().filename().string();
        if (name.starts_with("test_") && name.ends_with(".npz")) names.push_back(name.substr(5, name.size() - 9));
    }
    std::ranges::sort(names);
    return names;
}

/// The test sets asked for, or those that the folder has.
std::vector<std::string> chosen_sets(const Settings& s) {
    std::vector<std::string> sets = test_files(s.data.folder);
    if (!s.on.empty()) {
        if (s.on != kH36m && std::ranges::find(sets, s.on) == sets.end())
            throw Error(fmt::format("{} is not there; --on takes h36m{}{}", test_file(s, s.on).string(),
                                    sets.empty() ? "" : ", ", fmt::join(sets, ", ")));
        return {s.on};
    }
    if (std::filesystem::exists(s.data.folder / "data_3d_h36m.npz")) sets.insert(sets.begin(), kH36m);
    if (sets.empty())
        throw Error(s.data.folder.string() +
                    " holds neither data_3d_h36m.npz nor test_3dhp.npz; poseaug synth --out DIR makes such files");
    return sets;
}

TestPoses load(const Settings& s, const std::string& set) {
    if (set == kH36m)
        return {set, fmt::format("{} of {}", s.subjects, (s.data.folder / "data_3d_h36m.npz").string()),
                fmt::format("{} keypoints, {}", s.data.keypoints,
                            (s.data.folder / ("data_2d_h36m_" + s.data.keypoints + ".npz")).string()),
                load_h36m(s.data.folder, s.data.keypoints, split_list(s.subjects), s.stride)};
    const std::filesystem::path file = test_file(s, set);
    const std::string annotation = test_set_annotation(file);
    return {set, "test_" + set + (annotation.empty() ? "" : " (" + annotation + ")"), file.string(),
            load_test_set(file)};
}

/// Says so if the errors on these poses chose the weights. Returns whether they did.
bool warn_if_chosen(const Settings& s, const Metadata& weights, const TestPoses& set) {
    const std::int64_t chose = clips_that_chose(weights, clip_fingerprints(set.poses));
    const auto poses = weights.find("chosen_poses");
    if (chose > 0)
        note(fmt::format(
            "warning: {} was chosen, among all epochs, by its error on {}; {} of the {} clips tested here "
            "had a part in that, so the error on {} is optimistic (train with --select-on for an honest one)",
            s.weights, poses == weights.end() ? set.name : poses->second, chose, set.poses.clips.size(), set.name));
    return chose > 0;
}

nlohmann::json described(const Settings& s, const TestPoses& set, bool chosen) {
    return {{"model", s.model},
            {"weights", s.weights},
            {"on", set.name},
            {"2d", set.image},
            {"clips", set.poses.clips.size()},
            {"align", s.align},
            {"chosen_by_this_set", chosen}};
}

EvaluationResult evaluate(const Settings& s, const TestPoses& set, const Estimator& estimator,
                          Network<float>& network) {
    note(fmt::format("evaluating {} poses of {}, 2D: {}", set.poses.size(), set.title, set.image));
    Stream<float> stream(network.device());
    Arena arena(network.device());
    const bool flip = *s.flip_given ? *s.flip : set.name == k3dhp;
    EvaluationResult result = Evaluator<float>(stream, arena, set.poses, estimator, network, flip).run();
    if (!is_finite(result))
        throw Error(s.weights + ": its estimates are not finite on this data; the weights are of no use");
    return result;
}

void run(Settings s) {
    s.json.require_writable();
    const auto sets = chosen_sets(s);
    const auto device = s.device.open();
    LoadedEstimator<float> estimator = load_estimator<float>(*device, s.weights, s.model);
    s.model = estimator.kind.name;
    std::string text;
    nlohmann::json all;
    for (const std::string& name : sets) {
        TestPoses set = load(s, name);
        if (!s.align.empty()) {
            const ImageSet target = load_image_set(s.data.folder, s.data.keypoints, s.align);
            note(align_images(set.poses.image, BoxDistribution(target.images)).text() + ", the boxes of " +
                 target.name);
            set.image += ", moved and scaled to the boxes of " + target.name;
        }
        const bool chosen = warn_if_chosen(s, estimator.metadata, set);
        const EvaluationResult result = evaluate(s, set, estimator.kind, estimator.network);
        const std::string title =
            fmt::format("{} on {}: {} poses, 2D: {}", s.model, set.title, set.poses.size(), set.image);
        text += (text.empty() ? "" : "\n") + table(title, result);
        all[name] = to_json(result);
        all[name].update(described(s, set, chosen));
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
                     "Test set: h36m, or NAME of a test_NAME.npz in the folder; all of them, if not given")
        ->type_name("NAME");
    add_subjects(*verb, s->subjects);
    verb->add_option("--stride", s->stride, "Take every N-th frame of h36m")->check(at_least(1))->capture_default_str();
    verb->add_option(
            "--align", s->align,
            "Before estimating, move and scale the 2D poses so that their boxes are distributed as those of this "
            "2D: train (the training subjects), h36m, NAME of a test_NAME.npz, or a file of 2D keypoints")
        ->type_name("SET|FILE");
    add_flip(*verb, s->flip, s->flip_given);
    s->device.add_to(*verb);
    s->device.add_arithmetic_to(*verb);
    s->json.add_to(*verb);
    verb->footer(
        "Without --flip or --no-flip, 3dhp is measured with flip averaging and other sets without, as published.\n"
        "JSON: mpjpe, pa_mpjpe, n_mpjpe (mm), pck, auc (percent), means over poses; mpjpe_actions and so on, means of "
        "the\n"
        "actions' means; mpjve, poses, per_action, per_joint, chosen_by_this_set; for several sets, an object of them "
        "by\n"
        "name.\n"
        "Example:\n"
        "  poseaug evaluate --data data --weights run2/best_3dhp.safetensors --on 3dhp --json errors.json");
    verb->callback([s] { run(*s); });
}

} // namespace poseaug::app
