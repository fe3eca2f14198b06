#include "training/runs.hpp"

#include "data/h36m.hpp"
#include "training/checkpoints.hpp"
#include "training/collapse.hpp"
#include "training/poseaug.hpp"

#include <algorithm>
#include <chrono>

namespace poseaug {

namespace {

using nlohmann::json;
using Real = float;

class Stopwatch {
public:
    double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

private:
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

json settings_of(const RunOptions& o, const Device& device, int width) {
    return {{"data", std::filesystem::absolute(o.data).lexically_normal().string()},
            {"model", o.model},
            {"width", width},
            {"keypoints", o.keypoints},
            {"subjects", o.subjects},
            {"stride", o.stride},
            {"seed", o.seed},
            {"device", device.name()}};
}

json to_json(const Evaluations& evaluations) {
    json all = json::object();
    for (const auto& [set, result] : evaluations) all[set] = poseaug::to_json(result);
    return all;
}

json to_json(const LossSettings& s) {
    return {{"ratio_limit", s.ratio_limit},
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

/// What both runs need on the device; the networks' first draws and all decisions come of the seed.
struct Common {
    Stream<Real> stream;
    StepClock clock;
    PhiloxDecisions<Real> random;
    ResidentPoses<Real> data;

    Common(Device& device, const RunOptions& o)
        : stream(device), clock(device), random(device, o.seed, clock.state()),
          data(device, load_h36m(o.data, o.keypoints, o.subjects, o.stride)) {
        if (data.count < 2)
            throw Error("the training subjects have " + std::to_string(data.count) + " poses; at least 2 are needed");
    }
    Progress progress(const RunEvents& events, const std::string& pass) const {
        if (!events.progress) return {};
        return [&events, pass](std::int64_t done, std::int64_t total) { events.progress(pass, done, total); };
    }
};

/// Whose mean bone lengths poses are given: the five public training subjects', also when fewer are trained on; the chosen
/// ones' where a data set lacks one of the five.
std::vector<std::string> template_subjects(const RunOptions& o) {
    const std::vector<std::string> five = {"S1", "S5", "S6", "S7", "S8"}, present = h36m_subjects(o.data);
    const auto has = [&](const std::string& s) {
        return std::find(present.begin(), present.end(), s) != present.end();
    };
    return std::all_of(five.begin(), five.end(), has) ? five : o.subjects;
}

std::vector<Real> templates_of(const RunOptions& o) {
    std::vector<Real> all;
    for (const auto& row : bone_length_templates(o.data, template_subjects(o)))
        all.insert(all.end(), row.begin(), row.end());
    return all;
}

/// Evaluates; throws Error, before anything is saved, if the training has ruined the estimator.
Evaluations evaluate_finite(TestSets<Real>& tests, int epoch) {
    Evaluations errors = tests.evaluate();
    for (const auto& [set, result] : errors)
        if (!is_finite(result))
            throw Error("training collapsed: the estimator's error on " + set + " is not finite after epoch " +
                        std::to_string(epoch) + "; the last good checkpoint stays. Try another --seed or a lower --lr");
    return errors;
}

int estimator_width(const RunOptions& o, const Estimator& kind) { return o.width > 0 ? o.width : kind.width; }

/// The width the initial weights have, which they must fit; without such, the one asked for or published.
int width_to_train(const RunOptions& o, const Estimator& kind, const NamedTensors& initial,
                   const std::filesystem::path& init) {
    if (init.empty()) return estimator_width(o, kind);
    const int width = width_in(initial, init, kind);
    if (o.width > 0 && o.width != width)
        throw Error(init.string() + " has layers of width " + std::to_string(width) + ", but --width asks for " +
                    std::to_string(o.width) + "; leave --width out");
    require_fitting(initial, init, kind.layout(width));
    return width;
}

} // namespace

json run_pretraining(Device& device, const RunOptions& o, const PretrainSettings& settings, const RunEvents& events) {
    const Estimator& kind = find_estimator(o.model);
    const int width = estimator_width(o, kind);
    json described = settings_of(o, device, width);
    described.update({{"epochs", settings.epochs},
                      {"batch", settings.batch},
                      {"lr", settings.rate},
                      {"lr_decay", settings.decay},
                      {"lr_decay_steps", settings.decay_steps},
                      {"dropout", settings.dropout},
                      {"clip", settings.clip}});

    Common common(device, o);
    Network<Real> network(device, kind.layout(width));
    network.initialise(o.seed);
    network.set_rate(settings.rate);
    TestSets<Real> tests(common.stream, o.data, o.keypoints, kind, network);
    Arena arena(device);
    const Adam adam{.clip = settings.clip, .decay = settings.decay, .decay_steps = settings.decay_steps};
    EstimatorFit<Real> fit(common.stream, arena, common.clock, common.random, kind, network, settings.batch,
                           settings.dropout, adam);
    DeviceArray<std::int32_t> order(device, common.data.count);
    BestCheckpoint<Real> best("best.safetensors", "h36m");

    RunFolder folder(o.out, described, o.resume);
    int done = 0;
    if (o.resume && std::filesystem::exists(folder.file("state.safetensors"))) {
        const TrainingState state(folder.file("state.safetensors"));
        state.take("estimator", network);
        best.take(state);
        common.clock.set_counter(static_cast<std::uint64_t>(state.number("counter")));
        done = static_cast<int>(state.number("epoch"));
    }
    folder.keep_log_until(done);
    for (int k = done + 1; k <= settings.epochs; ++k) {
        const Stopwatch watch;
        common.random.order(Order::original, k, order.data(), common.data.count);
        const std::string pass = "epoch " + std::to_string(k);
        const double loss = fit.pass(common.data.image.data(), common.data.joints.data(), order.data(),
                                     common.data.count, pass, common.progress(events, pass));
        const double trained = watch.seconds();
        const Evaluations errors = evaluate_finite(tests, k);
        best.consider(folder, network, o.model, errors, k, "pretraining");
        save_weights(folder.file("last.safetensors"), network, o.model, {{"epoch", std::to_string(k)}});
        folder.log({{"epoch", k},
                    {"estimator_loss", loss},
                    {"errors", to_json(errors)},
                    {"seconds", trained},
                    {"seconds_all", watch.seconds()}});
        TrainingState state;
        state.put("estimator", network);
        best.put(state);
        state.put("counter", static_cast<std::int64_t>(common.clock.counter()));
        state.put("epoch", k);
        state.save(folder.file("state.safetensors"));
        if (events.epoch) events.epoch(folder.lines().back());
    }
    return {{"best_h36m", best.summary()}, {"last", folder.lines().empty() ? json() : folder.lines().back()["errors"]}};
}

namespace {

/// A PoseAug run on its device: trainer, test sets, checkpoints and the state that a resumed run takes up.
class PoseAugRun {
public:
    PoseAugRun(Device& device, const RunOptions& o, const PoseAugSettings& settings, const std::filesystem::path& init,
               const RunEvents& events)
        : options_(o), settings_(settings), events_(events), kind_(find_estimator(o.model)), init_(init),
          initial_(init.empty() ? NamedTensors{} : read_weights(init)), widths_{.estimator = width_to_train(
                                                                                    o, kind_, initial_, init)},
          common_(device, o), networks_(device, kind_, widths_),
          tests_(common_.stream, o.data, o.keypoints, kind_, networks_.estimator),
          trainer_(common_.stream, common_.clock, common_.random, networks_, common_.data, templates_of(o), settings),
          folder_(start(device)) {}

    json run() {
        const std::uint64_t seed = options_.seed;
        networks_.augmentor.initialise(seed * 4 + 1);
        networks_.discriminator_3d.initialise(seed * 4 + 2);
        networks_.discriminator_2d.initialise(seed * 4 + 3);
        networks_.estimator.initialise(seed);
        if (!init_.empty()) load_weights(initial_, init_, kind_.layout(widths_.estimator), networks_.estimator);
        const int done = resumes() ? take_state() : 0;
        // a run that was killed in its first epoch has logged its start, but kept no state of it
        folder_.keep_log_until(done > 0 ? done : -1);
        if (done == 0) evaluate_start();
        for (int k = done + 1; k <= settings_.epochs; ++k) epoch(k);
        return {{"best_h36m", best_h36m_.summary()}, {"best_3dhp", best_3dhp_.summary()}, {"last", last_errors_}};
    }

private:
    RunFolder start(Device& device) const {
        json described = settings_of(options_, device, widths_.estimator);
        described["init"] = init_.empty() ? "" : std::filesystem::absolute(init_).lexically_normal().string();
        described.update({{"epochs", settings_.epochs},
                          {"batch", settings_.batch},
                          {"lr", settings_.rate_estimator},
                          {"lr_augmentor", settings_.rate_augmentor},
                          {"lr_discriminator", settings_.rate_discriminator},
                          {"dropout", settings_.dropout},
                          {"clip", settings_.clip},
                          {"pool", settings_.pool_capacity},
                          {"template_subjects", template_subjects(options_)},
                          {"image_filter", settings_.two_sided ? "two-sided" : "one-sided"},
                          {"loss", to_json(settings_.loss)}});
        return RunFolder(options_.out, described, options_.resume);
    }
    bool resumes() const { return options_.resume && std::filesystem::exists(folder_.file("state.safetensors")); }

    void evaluate_start() {
        const Evaluations errors = evaluate(0, "start");
        folder_.log({{"epoch", 0}, {"errors", {{"start", to_json(errors)}}}});
        if (events_.epoch) events_.epoch(folder_.lines().back());
    }

    Evaluations evaluate(int k, const std::string& pass) {
        const Evaluations errors = evaluate_finite(tests_, k);
        best_h36m_.consider(folder_, networks_.estimator, options_.model, errors, k, pass);
        best_3dhp_.consider(folder_, networks_.estimator, options_.model, errors, k, pass);
        return errors;
    }

    void epoch(int k) {
        const Stopwatch watch;
        json errors = json::object();
        double evaluating = 0;
        const auto after_pass = [&](const std::string& pass) {
            const Stopwatch evaluation;
            errors[pass] = to_json(evaluate(k, pass));
            evaluating += evaluation.seconds();
        };
        const EpochReport report =
            trainer_.epoch(k, after_pass, common_.progress(events_, "epoch " + std::to_string(k)));
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
        for (const json& line : folder_.lines())
            if (line.contains("figures")) epochs.push_back(line["figures"].get<Figures>());
        epochs.push_back(report.figures);
        refuse_pinned_discriminator(epochs);
    }

    void save(int k) {
        const Metadata epoch = {{"epoch", std::to_string(k)}};
        save_weights(folder_.file("last.safetensors"), networks_.estimator, options_.model, epoch);
        save_weights(folder_.file("augmentor.safetensors"), networks_.augmentor, "augmentor",
                     {{"epoch", std::to_string(k)}, {"ratio_limit", json(settings_.loss.ratio_limit).dump()}});
        TrainingState state;
        for_networks([&](const std::string& name, Network<Real>& network) { state.put(name, network); });
        for (int q = 0; q < 2; ++q) {
            state.put(pool_name(q) + ".items", pass().pool(q).items());
            state.put(pool_name(q) + ".filled", pass().pool(q).filled());
        }
        best_h36m_.put(state);
        best_3dhp_.put(state);
        state.put("counter", static_cast<std::int64_t>(common_.clock.counter()));
        state.put("augmentor_steps", pass().steps_taken());
        state.put("epoch", k);
        state.save(folder_.file("state.safetensors"));
    }

    int take_state() {
        const TrainingState state(folder_.file("state.safetensors"));
        for_networks([&](const std::string& name, Network<Real>& network) { state.take(name, network); });
        for (int q = 0; q < 2; ++q) {
            state.take(pool_name(q) + ".items", pass().pool(q).items());
            state.take(pool_name(q) + ".filled", pass().pool(q).filled());
        }
        best_h36m_.take(state);
        best_3dhp_.take(state);
        common_.clock.set_counter(static_cast<std::uint64_t>(state.number("counter")));
        pass().steps_taken() = state.number("augmentor_steps");
        if (!folder_.lines().empty() && folder_.lines().back().contains("errors"))
            last_errors_ = folder_.lines().back()["errors"].value("original", json());
        return static_cast<int>(state.number("epoch"));
    }

    template <class F> void for_networks(const F& f) {
        f("augmentor", networks_.augmentor);
        f("discriminator_3d", networks_.discriminator_3d);
        f("discriminator_2d", networks_.discriminator_2d);
        f("estimator", networks_.estimator);
    }
    static std::string pool_name(int q) { return q == 0 ? "pool_3d" : "pool_2d"; }
    AugmentorPass<Real>& pass() { return trainer_.augmentor_pass(); }

    RunOptions options_;
    PoseAugSettings settings_;
    RunEvents events_;
    const Estimator& kind_;
    std::filesystem::path init_;
    NamedTensors initial_;
    Widths widths_;
    Common common_;
    PoseAugNetworks<Real> networks_;
    TestSets<Real> tests_;
    PoseAugTrainer<Real> trainer_;
    RunFolder folder_;
    BestCheckpoint<Real> best_h36m_{"best_h36m.safetensors", "h36m"}, best_3dhp_{"best_3dhp.safetensors", "3dhp"};
    json last_errors_;
};

} // namespace

json run_poseaug(Device& device, const RunOptions& options, const PoseAugSettings& settings,
                 const std::filesystem::path& init, const RunEvents& events) {
    return PoseAugRun(device, options, settings, init, events).run();
}

} // namespace poseaug
