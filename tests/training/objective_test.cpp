#include "training/objective.hpp"

#include "tests/training/tiny.hpp"

using namespace poseaug;
using test::TinyData;
using test::Workbench;

namespace {

/// One forward and backward of the objective on the same batch and noise.
struct ObjectiveRun {
    std::map<std::string, std::vector<double>> gradients;
    double total = 0;
    std::map<std::string, double> terms;
    std::array<std::vector<double>, 3> poses, images; ///< of the source, the bone-angle and the rotated pose

    ObjectiveRun(Device& device, PoseAugNetworks<double>& n, const TinyData& data, int epoch,
                 const LossSettings& settings = {}) {
        constexpr int batch = 12;
        Workbench<double> bench(device);
        Tape<double> tape(bench.stream, bench.arena);
        const auto put = [&](const std::vector<double>& values, int rows) {
            const auto matrix = tape.matrix(rows, batch);
            test::upload(device, matrix, values);
            return tape.constant(matrix);
        };
        const auto hardness = hardness_at(epoch, 10, settings);
        const bool teaches = epoch > settings.warmup;
        std::array<Var, 4> noise;
        for (unsigned q = 0; q < 4; ++q) noise[q] = tape.constant(bench.normal(kNoise, batch, q));
        Scope<double> augmentor(tape, n.augmentor, {true, true}), judge_3d(tape, n.discriminator_3d, {true, false}),
            judge_2d(tape, n.discriminator_2d, {true, false}), source(tape, n.estimator, {true, false}),
            augmented(tape, n.estimator, {true, false, 0.0, 2});
        const Objective o = augmentor_objective<double>(
            {augmentor, judge_3d, judge_2d, n.kind, source, augmented}, put(data.joints, 48), put(data.camera, 9),
            noise, tape.constant(bench.put(2, 1, {hardness[0], hardness[1]})), teaches, settings);
        tape.backward();
        gradients = n.augmentor.gradients();
        const auto columns = [&](Var v) { return test::download(device, tape.value(v)); };
        poses = {data.joints, columns(o.pose.pose_ba), columns(o.pose.pose_rt)};
        images = {columns(o.image_source), columns(o.pose.image_ba), columns(o.pose.image_rt)};
        const auto row = [&](Var v, std::size_t r) { return bench.get(tape.value(v))[r]; };
        const ObjectiveTerms t = {row(o.own, 0), row(o.own, 1),      row(o.own, 2),
                                  row(o.own, 3), row(o.feedback, 0), row(o.feedback, 1)};
        total = total_of(t, teaches, settings);
        terms = {{"3d", t[0]}, {"2d", t[1]}, {"angle", t[2]}, {"length", t[3]}, {"ba", t[4]}, {"rt", t[5]}};
    }
};

PoseAugNetworks<double> networks(Device& device, std::uint64_t estimator_seed) {
    PoseAugNetworks<double> n(device, find_estimator("mlp"), test::kTinyWidths);
    n.augmentor.initialise(1);
    n.discriminator_3d.initialise(2);
    n.discriminator_2d.initialise(3);
    n.estimator.initialise(estimator_seed);
    return n;
}

} // namespace

TEST_CASE("the estimator's feedback is absent from the gradient until the warm-up ends, and present after") {
    for (const auto& device : test::devices()) {
        const TinyData data(12);
        auto one = networks(*device, 4), other = networks(*device, 5); // they differ in the estimator alone
        const ObjectiveRun before_one(*device, one, data, 2), before_other(*device, other, data, 2);
        CHECK(before_one.gradients == before_other.gradients);
        CHECK(before_one.total == before_other.total);
        CHECK(before_one.terms.at("rt") != before_other.terms.at("rt")); // it is computed all the same
        const ObjectiveRun after_one(*device, one, data, 3), after_other(*device, other, data, 3);
        CHECK(after_one.gradients != before_one.gradients);
        CHECK(after_one.gradients != after_other.gradients);
    }
}

TEST_CASE("the gradients are those of the total") {
    const auto device = open_device({.kind = "cpu", .threads = 1});
    const TinyData data(12);
    LossSettings weighted;
    weighted.weight_3d = 0.7;
    weighted.weight_2d = 2;
    weighted.hard_ba_std = weighted.hard_rt_std = 0.01; // so that the feedback pays
    for (const int epoch : {1, 8}) {
        auto n = networks(*device, 4);
        const ObjectiveRun at(*device, n, data, epoch, weighted);
        for (const char* name : {"BAprocess.w2.bias", "BLprocess.w2_BL.bias", "RTprocess.w2_R.bias"}) {
            CAPTURE(name);
            const double slope = at.gradients.at(name)[1];
            double total[2];
            for (const int side : {0, 1}) {
                auto moved = networks(*device, 4);
                auto weights = moved.augmentor.save();
                weights.at(name)[1] += side == 0 ? 1e-6 : -1e-6;
                moved.augmentor.load(weights);
                total[side] = ObjectiveRun(*device, moved, data, epoch, weighted).total;
            }
            CHECK(slope != 0);
            CHECK((total[0] - total[1]) / 2e-6 == doctest::Approx(slope).epsilon(1e-5));
        }
    }
}

TEST_CASE("the objective is the weighted sum of its terms, and teaches the augmentor alone") {
    for (const auto& device : test::devices()) {
        const TinyData data(12);
        auto n = networks(*device, 4);
        const auto estimator = n.estimator.values().download();
        const auto statistics = n.estimator.statistics().download();
        for (const int epoch : {1, 8}) {
            const ObjectiveRun run(*device, n, data, epoch);
            double sum =
                run.terms.at("2d") + 6 * run.terms.at("3d") + 3 * run.terms.at("angle") + 3 * run.terms.at("length");
            if (epoch > 2) sum += run.terms.at("ba") + run.terms.at("rt");
            CHECK(run.total == doctest::Approx(sum).epsilon(1e-12));
        }
        for (Network<double>* net : {&n.discriminator_3d, &n.discriminator_2d, &n.estimator})
            for (const auto& [name, gradient] : net->gradients())
                CHECK(gradient == std::vector<double>(gradient.size(), 0.0));
        CHECK(n.estimator.values().download() == estimator);
        CHECK(n.estimator.statistics().download() != statistics);
    }
}

namespace {

/// Each pose's sum of squared joint errors of the estimator in training mode on these images, seen from the hip.
std::vector<double> pose_losses(Device& device, PoseAugNetworks<double>& n, const std::vector<double>& images,
                                const std::vector<double>& poses) {
    const int batch = static_cast<int>(poses.size() / 48);
    Workbench<double> bench(device);
    Tape<double> tape(bench.stream, bench.arena);
    const auto matrix = tape.matrix(32, batch);
    test::upload(device, matrix, images);
    Scope<double> scope(tape, n.estimator, {true, false});
    const auto estimate = test::download(device, tape.value(n.kind.forward(scope, tape.constant(matrix))));
    std::vector<double> losses(static_cast<std::size_t>(batch));
    for (std::size_t i = 0; i < poses.size(); ++i) {
        const double error = estimate[i] - (poses[i] - poses[i / 48 * 48 + i % 3]);
        losses[i / 48] += error * error;
    }
    return losses;
}

} // namespace

TEST_CASE("the paper's feedback is its equation 9, with beta rising over the epochs, and teaches something else") {
    for (const auto& device : test::devices()) {
        const TinyData data(12);
        LossSettings paper;
        paper.feedback = FeedbackLoss::paper;
        auto one = networks(*device, 4), same = networks(*device, 4);
        for (const int epoch : {3, 10}) {
            const ObjectiveRun run(*device, one, data, epoch, paper), released(*device, same, data, epoch);
            std::array<std::vector<double>, 3> losses;
            for (std::size_t i = 0; i < 3; ++i) losses[i] = pose_losses(*device, one, run.images[i], run.poses[i]);
            const auto by_hand = [&](std::size_t which, double beta, double factor) {
                double sum = 0;
                for (std::size_t i = 0; i < 12; ++i)
                    sum += std::abs(1 - std::exp(losses[which][i] - beta * losses[0][i]));
                return factor * sum / 12;
            };
            CHECK(run.terms.at("ba") == doctest::Approx(by_hand(1, 3 + 2 * epoch / 10.0, 0.1)).epsilon(1e-9));
            CHECK(run.terms.at("rt") == doctest::Approx(by_hand(2, 17, 0.01)).epsilon(1e-9));
            CHECK(run.total != released.total);
            CHECK(run.gradients != released.gradients);
        }
    }
}

TEST_CASE("a discriminator's loss and accuracies") {
    const auto device = open_device({.kind = "cpu", .threads = 1});
    Workbench<double> bench(*device);
    Network<double> network(*device, discriminator_2d_layout(6));
    auto weights = network.save();
    for (auto& [name, values] : weights) values.assign(values.size(), 0.0);
    weights["layer_pred.bias"] = {0.7}; // every score
    network.load(weights);
    Tape<double> tape(bench.stream, bench.arena);
    Scope<double> scope(tape, network, {true, true});
    const Var loss = discriminator_2d_loss(scope, tape.constant(bench.normal(32, 2 * 5, 1)));
    const auto values = bench.get(tape.value(loss));
    CHECK(values[0] == doctest::Approx(0.5 * (0.3 * 0.3 + 0.7 * 0.7)));
    CHECK(values[1] == 0);
    CHECK(values[2] == doctest::Approx(1));
}
