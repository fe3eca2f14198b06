#include "training/checkpoints.hpp"
#include "training/estimator_fit.hpp"
#include "training/run_parts.hpp"
#include "training/step_memory.hpp"

namespace poseaug {

using nlohmann::json;

json run_pretraining(Device& device, const RunOptions& o, const PretrainSettings& settings, const RunEvents& events) {
    const Estimator& kind = find_estimator(o.model);
    const int width = o.width > 0 ? o.width : kind.width;
    RunParts common(device, o, events, {.step_bytes = step_bytes(kind, width, settings.batch)});
    json described = common_settings(o, device, width, common);
    described.update({{"epochs", settings.epochs},
                      {"batch", settings.batch},
                      {"lr", settings.rate},
                      {"lr_decay", settings.decay},
                      {"lr_decay_steps", settings.decay_steps},
                      {"dropout", settings.dropout},
                      {"clip", settings.clip}});

    Network<RunScalar> network(device, kind.layout(width));
    network.initialise(o.seed);
    network.set_rate(settings.rate);
    Arena arena(device);
    TestSets<RunScalar> tests(common.stream, arena, *common.files, o.data, kind, network);
    common.files.reset();
    add_held_out(tests, common);
    const Adam adam{.clip = settings.clip, .decay = settings.decay, .decay_steps = settings.decay_steps};
    EstimatorFit<RunScalar> fit(common.stream, arena, common.clock, common.random, kind, network, settings.batch,
                                settings.dropout, adam);
    DeviceArray<std::int32_t> order(device, common.data.count);
    const std::string chooser = Selection::of(o.select_on).on_test() ? "h36m" : "held_out";
    BestCheckpoint<RunScalar> best("best.safetensors", chosen_by(chooser, o, tests, common));

    RunFolder folder(o.out, described, o.resume);
    LearningNetworkCopy<RunScalar> copy(network);
    BackgroundWriter files; // destroyed first: it writes from the others
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
        fit.queue(common.data.image, common.data.joints, order, common.data.count, common.progress(events, pass));
        device.start_timer();
        tests.queue();
        device.synchronize();
        const double evaluating = device.stop_timer(), loss = fit.loss(pass);
        const Evaluations errors = finite_results(tests, k);
        best.consider(files, network, o.model, errors, k, "pretraining");
        folder.log({{"epoch", k},
                    {"estimator_loss", loss},
                    {"errors", to_json(errors)},
                    {"seconds", watch.seconds() - evaluating},
                    {"seconds_all", watch.seconds()}});
        TrainingState numbers;
        best.put(numbers);
        numbers.put("counter", static_cast<std::int64_t>(common.clock.counter()));
        numbers.put("epoch", k);

        files.wait(); // the copy of the epoch before is still being written
        copy.queue(network);
        device.synchronize();
        best.add_to(files, folder);
        files.add([&, k] {
            save_weights(folder.file("last.safetensors"), copy, o.model, {{"epoch", std::to_string(k)}});
        });
        files.add([&, text = folder.log_text()] { folder.write_log(text); });
        files.add([&, numbers] {
            TrainingState state = numbers;
            state.put("estimator", copy);
            state.save(folder.file("state.safetensors"));
        });
        files.start();
        if (events.epoch) events.epoch(folder.lines().back());
    }
    files.wait();
    return {{best.name(), best.summary()}, {"last", folder.lines().empty() ? json() : folder.lines().back()["errors"]}};
}

} // namespace poseaug
