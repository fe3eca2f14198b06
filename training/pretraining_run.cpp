#include "training/checkpoints.hpp"
#include "training/estimator_fit.hpp"
#include "training/run_parts.hpp"

namespace poseaug {

using nlohmann::json;

json run_pretraining(Device& device, const RunOptions& o, const PretrainSettings& settings, const RunEvents& events) {
    const Estimator& kind = find_estimator(o.model);
    const int width = o.width > 0 ? o.width : kind.width;
    RunParts common(device, o, events);
    json described = common_settings(o, device, width, common);
    described.update({{"epochs", settings.epochs},
                      {"batch", settings.batch},
                      {"lr", settings.rate},
                      {"lr_decay", settings.decay},
                      {"lr_decay_steps", settings.decay_steps},
                      {"dropout", settings.dropout},
                      {"clip", settings.clip}});

    Network<Real> network(device, kind.layout(width));
    network.initialise(o.seed);
    network.set_rate(settings.rate);
    TestSets<Real> tests(common.stream, o.data, o.keypoints, kind, network);
    add_held_out(tests, common);
    Arena arena(device);
    const Adam adam{.clip = settings.clip, .decay = settings.decay, .decay_steps = settings.decay_steps};
    EstimatorFit<Real> fit(common.stream, arena, common.clock, common.random, kind, network, settings.batch,
                           settings.dropout, adam);
    DeviceArray<std::int32_t> order(device, common.data.count);
    const std::string chooser = Selection::of(o.select_on).on_test() ? "h36m" : "held_out";
    BestCheckpoint<Real> best("best.safetensors", chosen_by(chooser, o, tests, common));

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
    return {{best.name(), best.summary()}, {"last", folder.lines().empty() ? json() : folder.lines().back()["errors"]}};
}

} // namespace poseaug
