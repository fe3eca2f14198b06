#include "app/training_options.hpp"
#include "app/verbs.hpp"

namespace poseaug::app {

namespace {

struct Pretrain {
    TrainingOptions options;
    PretrainSettings settings;
    CLI::Option *epochs = nullptr, *rate = nullptr, *dropout = nullptr;

    void use_published_defaults() {
        const Estimator& kind = find_estimator(options.run.model);
        if (!*epochs) settings.epochs = kind.epochs_pretrain;
        if (!*rate) settings.rate = kind.rate_pretrain;
        if (!*dropout) settings.dropout = kind.dropout_pretrain;
    }
    void run() {
        use_published_defaults();
        options.json.require_writable();
        const auto device = options.device.open();
        TrainingDisplay display(options);
        const auto result = run_pretraining(*device, options.resolved(), settings, display.events());
        options.json.report(best_text(result, options.run.out), result);
    }
};

} // namespace

void add_pretrain(CLI::App& app) {
    auto verb = app.add_subcommand("pretrain", "Trains an estimator alone, on original poses");
    auto p = std::make_shared<Pretrain>();
    p->options.add_to(*verb);
    p->epochs = verb->add_option("--epochs", p->settings.epochs, "Default: as published, 50 (gcn 100)")
                    ->check(CLI::Range(1, 1'000'000));
    verb->add_option("--batch", p->settings.batch, "Poses a step")
        ->check(CLI::Range(2, 1 << 20))
        ->capture_default_str();
    p->rate = verb->add_option("--lr", p->settings.rate, "Learning rate; default: as published, 1e-3 (gcn 2e-2)")
                  ->check(above(0));
    p->dropout = verb->add_option("--dropout", p->settings.dropout,
                                  "Dropout rate; -1: the network's own for each layer; default: as published")
                     ->check(dropout_rate());
    verb->add_option("--lr-decay", p->settings.decay, "Factor of the rate every --lr-decay-steps steps")
        ->check(CLI::Range(0.0, 1.0))
        ->capture_default_str();
    verb->add_option("--lr-decay-steps", p->settings.decay_steps, "Steps from one decay to the next")
        ->check(at_least(1))
        ->capture_default_str();
    verb->add_option("--clip", p->settings.clip, "Largest norm of a gradient")->check(above(0))->capture_default_str();
    verb->footer("Example:\n  poseaug pretrain --data data --model mlp --out runs/pretrained --keypoints gt");
    verb->callback([p] { p->run(); });
}

} // namespace poseaug::app
