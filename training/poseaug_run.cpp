#include "training/checkpoints.hpp"
#include "training/collapse.hpp"
#include "training/poseaug.hpp"
#include "training/run_parts.hpp"
#include "training/step_memory.hpp"

#include <algorithm>
#include <sstream>

namespace poseaug {

namespace {

using nlohmann::json;

json to_json(const LossSettings& s) {
    return {{"feedback", s.feedback == FeedbackLoss::paper ? "paper" : "released"},
            {"ratio_limit", s.ratio_limit},
            {"ratio_range", s.ratio_range},
            {"angle_mean", s.angle_mean},
            {"angle_range", s.angle_range},
            {"weight_3d", s.weight_3d},
            {"weight_2d", s.weight_2d},
            {"weight_difference", s.weight_difference},
            {"hard_ba_start", s.hard_ba_start},
            {"hard_ba_end", s.hard_ba_end},
            {"hard_ba_std", s.hard_ba_std},
            {"weight_ba", s.weight_ba},
            {"hard_rt_start", s.hard_rt_start},
            {"hard_rt_end", s.hard_rt_end},
            {"hard_rt_std", s.hard_rt_std},
            {"weight_rt", s.weight_rt},
            {"warmup", s.warmup}};
}

/// Whose mean bone lengths poses are given: the five public training subjects', also when fewer are trained on; the chosen
/// ones' where a data set lacks one of the five.
std::vector<std::string> template_subjects(const RunOptions& o, const H36mFiles& files) {
    const std::vector<std::string> present = files.subjects();
    const auto has = [&](const std::string& s) { return std::ranges::find(present, s) != present.end(); };
    return std::ranges::all_of(kTrainingSubjects, has) ? kTrainingSubjects : o.subjects;
}

std::vector<RunScalar> templates_of(const H36mFiles& files, const std::vector<std::string>& subjects) {
    std::vector<RunScalar> all;
    for (const auto& row : files.bone_length_templates(subjects)) all.insert(all.end(), row.begin(), row.end());
    return all;
}

/// The width the initial weights have, which they must fit; without such, the one asked for or published.
int width_to_train(const RunOptions& o, const Estimator& kind, const FoundWeights& initial,
                   const std::filesystem::path& init) {
    if (init.empty()) return o.width > 0 ? o.width : kind.width;
    const int width = initial.network.width;
    if (o.width > 0 && o.width != width)
        throw Error(init.string() + " has layers of width " + std::to_string(width) + ", but --width asks for " +
                    std::to_string(o.width) + "; leave --width out");
    require_fitting(initial.weights, init, kind.layout(width));
    return width;
}

std::string pool_name(int q) { return q == 0 ? "pool_3d" : "pool_2d"; }

/// All that a training has on its device and a resumed one needs, as it stood after an epoch.
struct StateCopies {
    PoseAugNetworks<RunScalar>& networks;
    AugmentorPass<RunScalar>& pass;
    LearningNetworkCopy<RunScalar> augmentor, discriminator_3d, discriminator_2d, estimator;
    std::vector<HostCopy<RunScalar>> items;
    std::vector<HostCopy<std::int32_t>> filled;

    StateCopies(Device& device, PoseAugNetworks<RunScalar>& from, AugmentorPass<RunScalar>& with)
        : networks(from), pass(with), augmentor(from.augmentor), discriminator_3d(from.discriminator_3d),
          discriminator_2d(from.discriminator_2d), estimator(from.estimator) {
        for (const int q : {0, 1}) {
            items.emplace_back(device, with.pool(q).items().size());
            filled.emplace_back(device, 1);
        }
    }
    void queue() {
        augmentor.queue(networks.augmentor);
        discriminator_3d.queue(networks.discriminator_3d);
        discriminator_2d.queue(networks.discriminator_2d);
        estimator.queue(networks.estimator);
        for (const std::size_t q : {0, 1}) {
            items[q].queue(pass.pool(static_cast<int>(q)).items());
            filled[q].queue(pass.pool(static_cast<int>(q)).filled());
        }
    }
    void put(TrainingState& state) const {
        state.put("augmentor", augmentor);
        state.put("discriminator_3d", discriminator_3d);
        state.put("discriminator_2d", discriminator_2d);
        state.put("estimator", estimator);
        for (const std::size_t q : {0, 1}) {
            state.put(pool_name(static_cast<int>(q)) + ".items", items[q]);
            state.put(pool_name(static_cast<int>(q)) + ".filled", filled[q]);
        }
    }
};

/// A PoseAug run on its device: trainer, test sets, checkpoints and the state that a resumed run takes up.
class PoseAugRun {
public:
    PoseAugRun(Device& device, const RunOptions& o, const PoseAugSettings& settings, const std::filesystem::path& init,
               const RunEvents& events)
        : options_(o), settings_(settings), events_(events), kind_(find_estimator(o.model)), init_(init),
          initial_(init.empty() ? FoundWeights{} : read_estimator(init, o.model)), widths_{.estimator = width_to_train(
                                                                                               o, kind_, initial_,
                                                                                               init)},
          extra_2d_(o.extra_2d.empty() ? ImageSet{} : load_image_file(o.extra_2d)),
          common_(device, o, events,
                  {.extra_images = extra_2d_.size(),
                   .augments = true,
                   .step_bytes = step_bytes(kind_, widths_.estimator, settings.batch)}),
          networks_(device, kind_, widths_), template_subjects_(template_subjects(o, *common_.files)),
          trainer_(common_.stream, common_.clock, common_.random, networks_, common_.data,
                   templates_of(*common_.files, template_subjects_), settings, extra_2d_.images, common_.placement),
          tests_(common_.stream, trainer_.arena(), *common_.files, o.data, kind_, networks_.estimator),
          folder_(start(device)), copies_(device, networks_, trainer_.augmentor_pass()) {
        common_.files.reset();
        extra_2d_.images = {}; // the trainer has them
        add_held_out(tests_, common_);
        const auto add = [&](const std::string& set) {
            best_.emplace_back("best_" + set + ".safetensors", chooser(set));
        };
        if (Selection::of(o.select_on).on_test()) {
            add("h36m");
            add("3dhp");
        } else {
            add("held_out");
        }
    }

    json run() {
        const std::uint64_t seed = options_.seed;
        networks_.augmentor.initialise(seed * 4 + 1);
        networks_.discriminator_3d.initialise(seed * 4 + 2);
        networks_.discriminator_2d.initialise(seed * 4 + 3);
        networks_.estimator.initialise(seed);
        if (!init_.empty()) load_weights(initial_.weights, init_, kind_.layout(widths_.estimator), networks_.estimator);
        initial_.weights.tensors = {};
        const int done = resumes() ? take_state() : 0;
        // a run that was killed in its first epoch has logged its start, but kept no state of it
        folder_.keep_log_until(done > 0 ? done : -1);
        if (done == 0) evaluate_start();
        for (int k = done + 1; k <= settings_.epochs; ++k) epoch(k);
        files_.wait();
        json result = {{"last", last_errors_}};
        for (const auto& best : best_) result[best.name()] = best.summary();
        return result;
    }

private:
    /// What chooses the best on `set`, with what chose the initial weights.
    ChosenBy chooser(const std::string& set) const {
        ChosenBy by = chosen_by(set, options_, tests_, common_);
        const Metadata& initial = initial_.weights.metadata;
        const auto clips = initial.find("chosen_clips");
        if (clips == initial.end()) return by;
        std::istringstream words(clips->second);
        for (std::string word; words >> word;)
            if (std::ranges::find(by.clips, word) == by.clips.end()) by.clips.push_back(word);
        if (initial.contains("chosen_poses") && initial.at("chosen_poses") != by.poses)
            by.poses += "; the initial weights by " + initial.at("chosen_poses");
        for (const char* other : {"h36m", "3dhp", "held_out"})
            if (const auto* clips = tests_.clips_of(other); clips && clips_that_chose(initial, *clips) > 0)
                by.chose_initial.emplace_back(other);
        return by;
    }
    RunFolder start(Device& device) const {
        json described = common_settings(options_, device, widths_.estimator, common_);
        described["init"] = init_.empty() ? "" : std::filesystem::absolute(init_).lexically_normal().string();
        described["extra_2d"] = extra_2d_.name;
        described["extra_2d_contents"] = extra_2d_.contents();
        described.update({{"epochs", settings_.epochs},
                          {"batch", settings_.batch},
                          {"lr", settings_.rate_estimator},
                          {"lr_augmentor", settings_.rate_augmentor},
                          {"lr_discriminator", settings_.rate_discriminator},
                          {"dropout", settings_.dropout},
                          {"clip", settings_.clip},
                          {"pool", settings_.pool_capacity},
                          {"template_subjects", template_subjects_},
                          {"image_filter", settings_.two_sided ? "two-sided" : "one-sided"},
                          {"loss", to_json(settings_.loss)}});
        return RunFolder(options_.out, described, options_.resume);
    }
    bool resumes() const { return options_.resume && std::filesystem::exists(folder_.file("state.safetensors")); }

    void evaluate_start() {
        tests_.queue();
        device().synchronize();
        const Evaluations errors = evaluated(0, "start");
        folder_.log({{"epoch", 0}, {"errors", {{"start", to_json(errors)}}}});
        for (auto& best : best_) best.add_to(files_, folder_);
        add_log();
        files_.start();
        if (events_.epoch) events_.epoch(folder_.lines().back());
    }

    /// The results of what was queued, which may be the best.
    Evaluations evaluated(int k, const std::string& pass) {
        const Evaluations errors = finite_results(tests_, k);
        for (auto& best : best_) best.consider(files_, networks_.estimator, options_.model, errors, k, pass);
        return errors;
    }

    void epoch(int k) {
        const Stopwatch watch;
        json errors = json::object();
        double evaluating = 0;
        const auto queue = [&] {
            device().start_timer();
            tests_.queue();
        };
        const auto read = [&](const std::string& pass) {
            errors[pass] = to_json(evaluated(k, pass));
            evaluating += device().stop_timer();
        };
        const EpochReport report =
            trainer_.epoch(k, {queue, read}, common_.progress(events_, "epoch " + std::to_string(k)));
        json line = {{"epoch", k}, {"kept", report.kept}, {"figures", report.figures}};
        if (!errors.empty()) {
            line["errors"] = errors;
            last_errors_ = errors["original"];
        }
        line["seconds"] = watch.seconds() - evaluating;
        line["seconds_all"] = watch.seconds();
        refuse_pinned(report);
        folder_.log(line);
        save(k);
        if (events_.epoch) events_.epoch(folder_.lines().back());
    }

    void refuse_pinned(const EpochReport& report) const {
        std::vector<Figures> epochs;
        const auto& lines = folder_.lines();
        const std::size_t first = lines.size() - std::min<std::size_t>(lines.size(), kPinnedEpochs);
        for (std::size_t i = first; i < lines.size(); ++i)
            if (lines[i].contains("figures")) epochs.push_back(lines[i]["figures"].get<Figures>());
        epochs.push_back(report.figures);
        refuse_pinned_discriminator(epochs);
    }

    /// Copies what the files of epoch k hold, and has them written while the next epoch runs: the state last, so that a
    /// run that is killed finds all that its state speaks of.
    void save(int k) {
        files_.wait(); // the copies of the epoch before are still being written
        copies_.queue();
        device().synchronize();
        for (auto& best : best_) best.add_to(files_, folder_);
        add_log();
        const Metadata epoch = {{"epoch", std::to_string(k)}};
        files_.add([this, epoch] {
            save_weights(folder_.file("last.safetensors"), copies_.estimator, options_.model, epoch);
        });
        files_.add([this, augmentor = Metadata{{"epoch", std::to_string(k)},
                                               {"ratio_limit", json(settings_.loss.ratio_limit).dump()}}] {
            save_weights(folder_.file("augmentor.safetensors"), copies_.augmentor, "augmentor", augmentor);
        });
        files_.add([this, numbers = state_numbers(k)] {
            TrainingState state = numbers;
            copies_.put(state);
            state.save(folder_.file("state.safetensors"));
        });
        files_.start();
    }

    void add_log() {
        files_.add([this, text = folder_.log_text()] { folder_.write_log(text); });
    }

    /// The state without its arrays.
    TrainingState state_numbers(int k) {
        TrainingState state;
        for (const auto& best : best_) best.put(state);
        state.put("counter", static_cast<std::int64_t>(common_.clock.counter()));
        state.put("augmentor_steps", pass().steps_taken());
        state.put("epoch", k);
        return state;
    }

    int take_state() {
        const TrainingState state(folder_.file("state.safetensors"));
        state.take("augmentor", networks_.augmentor);
        state.take("discriminator_3d", networks_.discriminator_3d);
        state.take("discriminator_2d", networks_.discriminator_2d);
        state.take("estimator", networks_.estimator);
        for (int q = 0; q < 2; ++q) {
            state.take(pool_name(q) + ".items", pass().pool(q).items());
            state.take(pool_name(q) + ".filled", pass().pool(q).filled());
        }
        for (auto& best : best_) best.take(state);
        common_.clock.set_counter(static_cast<std::uint64_t>(state.number("counter")));
        pass().steps_taken() = state.number("augmentor_steps");
        if (!folder_.lines().empty() && folder_.lines().back().contains("errors"))
            last_errors_ = folder_.lines().back()["errors"].value("original", json());
        return static_cast<int>(state.number("epoch"));
    }

    AugmentorPass<RunScalar>& pass() { return trainer_.augmentor_pass(); }
    Device& device() { return common_.stream.device(); }

    RunOptions options_;
    PoseAugSettings settings_;
    RunEvents events_;
    const Estimator& kind_;
    std::filesystem::path init_;
    FoundWeights initial_;
    Widths widths_;
    ImageSet extra_2d_;
    RunParts common_;
    PoseAugNetworks<RunScalar> networks_;
    std::vector<std::string> template_subjects_;
    PoseAugTrainer<RunScalar> trainer_;
    TestSets<RunScalar> tests_;
    RunFolder folder_;
    std::vector<BestCheckpoint<RunScalar>> best_;
    json last_errors_;
    StateCopies copies_;
    BackgroundWriter files_; // destroyed first: it writes from the others
};

} // namespace

json run_poseaug(Device& device, const RunOptions& options, const PoseAugSettings& settings,
                 const std::filesystem::path& init, const RunEvents& events) {
    return PoseAugRun(device, options, settings, init, events).run();
}

} // namespace poseaug
