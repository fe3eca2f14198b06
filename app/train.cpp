#include "app/training_options.hpp"
#include "app/verbs.hpp"
#include "training/weights.hpp"

namespace poseaug::app {

namespace {

struct Train {
    TrainingOptions options;
    PoseAugSettings settings;
    std::filesystem::path init;
    std::string feedback = "released";
    bool one_sided = false;
    CLI::Option *rate = nullptr, *dropout = nullptr;

    void add_loss_options(CLI::App& verb) {
        LossSettings& s = settings.loss;
        verb.add_option(
                "--feedback", feedback,
                "How the estimator's errors teach the augmentor: a band of their ratio (released), or equation 9 "
                "of the paper, |1 - exp(L_aug - beta L_src)| with beta for the ratio (paper)")
            ->check(CLI::IsMember({"released", "paper"}))
            ->capture_default_str()
            ->group("Loss");
        const auto add = [&](const char* name, double& value, const char* what) {
            verb.add_option(name, value, what)->check(at_least(0))->capture_default_str()->group("Loss");
        };
        verb.add_option("--ratio-limit", s.ratio_limit, "Largest relative change of a bone's length")
            ->check(from_below(0, 1))
            ->capture_default_str()
            ->group("Loss");
        add("--ratio-range", s.ratio_range, "Relative length changes up to this are free");
        add("--angle-mean", s.angle_mean, "Centre of the free band of a pose's mean angle change (one minus cosine)");
        add("--angle-range", s.angle_range, "Half-width of that band");
        add("--weight-3d", s.weight_3d, "Weight of the 3D adversarial loss");
        add("--weight-2d", s.weight_2d, "Weight of the 2D adversarial loss");
        add("--weight-difference", s.weight_difference, "Weight of the angle and length penalties");
        add("--hard-ba-start", s.hard_ba_start, "Hardness ratio (or beta) aimed at for bone-angle poses, first epoch");
        add("--hard-ba-end", s.hard_ba_end, "The same, last epoch");
        add("--hard-ba-std", s.hard_ba_std, "Half-width of its free band (released)");
        add("--weight-ba", s.weight_ba, "Weight of the bone-angle feedback");
        add("--hard-rt-start", s.hard_rt_start, "Hardness ratio (or beta) aimed at for rotated poses, first epoch");
        add("--hard-rt-end", s.hard_rt_end, "The same, last epoch");
        add("--hard-rt-std", s.hard_rt_std, "Half-width of its free band (released)");
        add("--weight-rt", s.weight_rt, "Weight of the rotation feedback");
        verb.add_option("--warmup", s.warmup, "Epochs before feedback and estimator training begin")
            ->check(at_least(0))
            ->capture_default_str()
            ->group("Loss");
    }
    /// By --model, or as the weights of --init tell.
    const Estimator& chosen_estimator() const {
        if (init.empty() && options.run.model.empty()) throw CLI::RequiredError("--model, or --init, which tells it,");
        return init.empty() ? find_estimator(options.run.model)
                            : *read_estimator(init, options.run.model).network.estimator;
    }
    void run() {
        const Estimator& kind = chosen_estimator();
        options.run.model = kind.name;
        if (!*rate) settings.rate_estimator = kind.rate;
        if (!*dropout) settings.dropout = kind.dropout;
        settings.two_sided = !one_sided;
        settings.loss.feedback = feedback == "paper" ? FeedbackLoss::paper : FeedbackLoss::released;
        options.json.require_writable();
        const auto device = options.device.open();
        note(std::string("image filter: ") + (one_sided ? "one-sided, as the public code has it" : "two-sided"));
        TrainingDisplay display(options);
        const auto result = run_poseaug(*device, options.resolved(), settings, init, display.events());
        options.json.report(best_text(result, options.run.out), result);
    }
};

} // namespace

void add_train(CLI::App& app) {
    auto verb = app.add_subcommand("train", "Trains an estimator with the differentiable augmentor (PoseAug)");
    auto t = std::make_shared<Train>();
    PoseAugSettings& s = t->settings;
    t->options.add_to(*verb, "--init");
    verb->add_option("--init", t->init,
                     std::string("Pretrained weights of the estimator: ") + kWeightFiles + "; default: fresh ones")
        ->type_name("FILE");
    verb->add_option("--extra-2d", t->options.run.extra_2d,
                     "2D poses of another data set (any file of 2D keypoints) that join the training poses' 2D as real "
                     "samples of the 2D discriminator")
        ->type_name("FILE");
    verb->add_option("--epochs", s.epochs, "Passes over the training set")
        ->check(CLI::Range(1, 1'000'000))
        ->capture_default_str();
    verb->add_option("--batch", s.batch, "Poses a step")->check(CLI::Range(2, 1 << 20))->capture_default_str();
    t->rate =
        verb->add_option("--lr", s.rate_estimator, "Estimator's learning rate; default: as published, 1e-4 (gcn 1e-3)")
            ->check(above(0));
    verb->add_option("--lr-augmentor", s.rate_augmentor, "Augmentor's learning rate")
        ->check(above(0))
        ->capture_default_str();
    verb->add_option("--lr-discriminator", s.rate_discriminator, "Discriminators' learning rate")
        ->check(above(0))
        ->capture_default_str();
    t->dropout = verb->add_option("--dropout", s.dropout,
                                  "Dropout rate; -1: the network's own for each layer; default: as published")
                     ->check(dropout_rate());
    verb->add_option("--clip", s.clip, "Largest norm of a gradient")->check(above(0))->capture_default_str();
    verb->add_option("--pool", s.pool_capacity, "Fakes each replay pool holds")
        ->check(CLI::Range(1, 1 << 24))
        ->capture_default_str();
    verb->add_flag("--one-sided-filter", t->one_sided, "Rejects augmented 2D only above 1, as the public code does");
    t->add_loss_options(*verb);
    verb->footer("Example:\n  poseaug train --data data --init runs/pretrained/best.safetensors --out runs/poseaug");
    verb->callback([t] { t->run(); });
}

} // namespace poseaug::app
