#include "training/poseaug.hpp"

#include "tests/training/tiny.hpp"

#include <algorithm>
#include <limits>
#include <map>

using namespace poseaug;
using test::contains;
using test::error_of;
using test::TinyData;
using test::TinyTraining;

namespace {

struct Outcome {
    std::vector<std::vector<float>> weights;
    std::vector<Figures> figures;
    std::vector<std::int64_t> kept;
};

Outcome three_epochs(Device& device, const TinyData& data, std::uint64_t seed) {
    TinyTraining<float> training(device, data, seed);
    Outcome outcome;
    for (int k = 1; k <= 3; ++k) {
        const EpochReport report = training.trainer.epoch(k);
        outcome.figures.push_back(report.figures);
        outcome.kept.push_back(report.kept);
    }
    outcome.weights = training.weights();
    return outcome;
}

bool same(const Outcome& a, const Outcome& b) {
    return a.weights == b.weights && a.figures == b.figures && a.kept == b.kept;
}

} // namespace

TEST_CASE("PoseAug training: the same seed gives the same bits, on any number of CPU threads; another seed others") {
    const TinyData data(100);
    const auto two = open_device({.kind = "cpu", .threads = 2}), one = open_device({.kind = "cpu", .threads = 1});
    const Outcome first = three_epochs(*two, data, 1);
    CHECK(same(three_epochs(*two, data, 1), first));
    CHECK(same(three_epochs(*one, data, 1), first));
    const Outcome other = three_epochs(*two, data, 2);
    CHECK(other.weights != first.weights);
    for (const auto& values : first.weights)
        for (const float v : values) REQUIRE(std::isfinite(v));
}

TEST_CASE("an epoch reports its losses, and the estimator learns only after the warm-up") {
    for (const auto& device : test::devices()) {
        TinyTraining<float> training(*device, TinyData(100), 1);
        auto& estimator = training.networks.estimator;
        const auto values = estimator.values().download();
        const auto statistics = estimator.statistics().download();
        std::vector<std::string> passes;
        for (int k = 1; k <= 3; ++k) {
            const EpochReport report =
                training.trainer.epoch(k, {{}, [&](const std::string& pass) { passes.push_back(pass); }});
            CHECK(report.epoch == k);
            CHECK((report.kept > 0 && report.kept <= 100));
            for (const char* name : {"augmentor_loss", "adversarial_3d", "feedback_ba", "discriminator_2d_loss"})
                CHECK((report.figures.count(name) == 1 && std::isfinite(report.figures.at(name))));
            for (const char* name : {"accuracy_3d_fake", "accuracy_3d_real", "accuracy_2d_fake", "accuracy_2d_real"})
                CHECK((report.figures.at(name) >= 0 && report.figures.at(name) <= 1));
            CHECK(report.figures.count("estimator_loss_augmented") == (k == 3 ? 1 : 0));
            if (k == 2) {
                CHECK(estimator.values().download() == values);
                CHECK(estimator.statistics().download() != statistics);
                CHECK(passes.empty());
            }
        }
        CHECK(passes == std::vector<std::string>{"augmented", "original"});
        CHECK(estimator.values().download() != values);
    }
}

TEST_CASE("steps recorded in one epoch serve the next ones, with their hardness") {
    const auto device = open_device({.kind = "cpu", .threads = 1});
    const TinyData data(100); // another one would be of other poses
    auto settings = test::tiny_settings();
    settings.loss.warmup = 1;
    settings.loss.hard_ba_std = settings.loss.hard_rt_std = 0.01; // so that the feedback pays
    std::vector<std::vector<float>> weights[3];
    for (const int i : {0, 1, 2}) {
        settings.loss.hard_ba_end = i == 2 ? settings.loss.hard_ba_start : 9;
        TinyTraining<float> training(*device, data, 1, settings);
        training.stream.replay_steps(i == 0);
        for (int k = 1; k <= settings.epochs; ++k) training.trainer.epoch(k);
        weights[i] = training.weights();
    }
    CHECK(weights[0] == weights[1]);
    CHECK(weights[0] != weights[2]); // the hardness matters
}

TEST_CASE("rates fall linearly, and the discriminators learn on every second step through all epochs") {
    const auto device = open_device({.kind = "cpu", .threads = 1});
    TinyTraining<float> training(*device, TinyData(96), 1); // three steps an epoch
    auto& n = training.networks;
    training.trainer.epoch(1);
    CHECK(n.augmentor.adam_state().rate == doctest::Approx(1e-3));
    CHECK(n.discriminator_3d.adam_state().step == 2); // steps 0 and 2
    training.trainer.epoch(2);
    CHECK(n.estimator.adam_state().rate == doctest::Approx(1e-3 * (1 - 1.0 / 5)));
    CHECK(n.augmentor.adam_state().step == 6);
    CHECK(n.discriminator_3d.adam_state().step == 3); // and step 4
    CHECK(n.discriminator_2d.adam_state().step == 3);
    CHECK(training.trainer.augmentor_pass().steps_taken() == 6);
    // 3 x 32 fakes were shown to pools of 40
    CHECK(training.trainer.augmentor_pass().pool(0).filled().download()[0] == 40);
    CHECK(training.trainer.augmentor_pass().pool(1).filled().download()[0] == 40);
}

TEST_CASE("a last batch of one pose is skipped") {
    const auto device = open_device({.kind = "cpu", .threads = 1});
    for (const int poses : {64, 65, 66}) {
        TinyTraining<float> training(*device, TinyData(poses), 1);
        training.trainer.epoch(1);
        CHECK(training.networks.augmentor.adam_state().step == (poses == 66 ? 3 : 2));
    }
}

TEST_CASE("kept poses lie within the image, with the image they have") {
    const auto device = open_device({.kind = "cpu", .threads = 1});
    for (const bool two_sided : {true, false}) {
        auto settings = test::tiny_settings();
        settings.two_sided = two_sided;
        TinyData data(200);
        for (std::size_t i = 0; i < data.camera.size(); ++i)
            if (i % 9 == 2) data.camera[i] = -0.9; // towards the left edge
        TinyTraining<float> training(*device, data, 1, settings);
        const EpochReport report = training.trainer.epoch(1);
        REQUIRE(report.kept > 0);
        const std::vector<float> images = training.trainer.augmentor_pass().images().download(report.kept * 32);
        const auto [least, most] = std::minmax_element(images.begin(), images.end());
        CHECK(*most <= 1);
        CHECK((*least >= -1) == two_sided);
    }
}

TEST_CASE("a run without a pose left to train on has collapsed, and says so") {
    for (const auto& device : test::devices()) {
        TinyData data(64);
        for (std::size_t i = 0; i < data.camera.size(); ++i)
            if (i % 9 == 2) data.camera[i] = 10; // all is far right of the image
        TinyTraining<float> training(*device, data, 1);
        CHECK(training.trainer.epoch(1).kept == 0);
        training.trainer.epoch(2);
        const std::string message = error_of([&] { training.trainer.epoch(3); });
        CHECK(contains(message, "training collapsed: in epoch 3 no augmented pose lies within the image"));
        CHECK(contains(message, "Try another --seed"));
    }
}

TEST_CASE("a loss that is not finite is named with its step") {
    for (const auto& device : test::devices()) {
        TinyTraining<float> training(*device, TinyData(64), 1);
        auto weights = training.networks.discriminator_2d.save();
        weights["layer_pred.bias"] = {std::numeric_limits<double>::infinity()};
        training.networks.discriminator_2d.load(weights);
        const std::string message = error_of([&] { training.trainer.epoch(1); });
        CHECK(contains(message, "training collapsed: "));
        CHECK(contains(message, "is not finite in step 1 of epoch 1, the augmentor's pass"));
    }
}

namespace {

/// Real decisions that remember the order in which real 2D is shown.
class RememberedOrder final : public RandomDecisions<float> {
public:
    RememberedOrder(Device& device, const StepState* state) : device_(device), real_(device, 1, state) {}
    void order(Order which, int epoch, std::int32_t* to, std::int64_t n) override {
        real_.order(which, epoch, to, n);
        std::vector<std::int32_t> order(static_cast<std::size_t>(n));
        device_.download(order.data(), to, order.size() * sizeof(std::int32_t));
        orders[which] = order;
    }
    void swap(int epoch, std::int32_t* to, std::int64_t n, std::int32_t subjects) override {
        real_.swap(epoch, to, n, subjects);
    }
    void before_step(int, std::int64_t, int) override {}
    void noise(Stream<float>& stream, View<float> to) override { real_.noise(stream, to); }
    void pool(Stream<float>& stream, int q, std::int64_t capacity, View<float> to) override {
        real_.pool(stream, q, capacity, to);
    }
    RandomKey dropout(std::uint32_t stream) override { return real_.dropout(stream); }

    std::map<Order, std::vector<std::int32_t>> orders;

private:
    Device& device_;
    PhiloxDecisions<float> real_;
};

} // namespace

TEST_CASE("extra 2D is shown to the 2D discriminator, in its share") {
    for (const auto& device : test::devices()) {
        constexpr int poses = 256, extra = 128;
        const TinyData data(poses);
        std::vector<float> images(extra * 32);
        for (std::size_t i = 0; i < images.size(); ++i) images[i] = 0.3F * std::sin(static_cast<float>(i));

        Stream<float> stream(*device);
        StepClock clock(*device);
        RememberedOrder random(*device, clock.state());
        PoseAugNetworks<float> networks(*device, find_estimator("mlp"), test::kTinyWidths);
        const auto resident = data.on<float>(*device);
        PoseAugTrainer<float> trainer(stream, clock, random, networks, resident,
                                      {data.templates.begin(), data.templates.end()}, test::tiny_settings(), images);
        trainer.epoch(1);
        const auto& order = random.orders.at(Order::real_2d);
        CHECK(order.size() == poses + extra);
        CHECK(random.orders.at(Order::real_3d).size() == poses);
        // an epoch takes as many as there are training poses: a third of them extra
        const auto shown = std::count_if(order.begin(), order.begin() + poses, [](int i) { return i >= poses; });
        CHECK(std::abs(static_cast<double>(shown) / poses - 1.0 / 3) < 0.1);

        TinyTraining<float> without(*device, data, 1), with(*device, data, 1, test::tiny_settings(), images);
        const EpochReport one = without.trainer.epoch(1), other = with.trainer.epoch(1);
        CHECK(one.figures.at("discriminator_2d_loss") != other.figures.at("discriminator_2d_loss"));

        // 2D that is no number is noticed where it is shown
        images.assign(images.size(), NAN);
        TinyTraining<float> poisoned(*device, data, 1, test::tiny_settings(), images);
        CHECK(contains(error_of([&] { poisoned.trainer.epoch(1); }), "discriminator_2d_loss is not finite"));
    }
}
