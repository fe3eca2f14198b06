#include "kernels/pose/sampling.hpp"
#include "models/augmentor.hpp"
#include "models/discriminators.hpp"
#include "models/estimators.hpp"
#include "tests/workbench.hpp"

#include <functional>

using namespace poseaug;
using test::Workbench;

// Whole networks, tiny, in float64: gradients against central differences.

namespace {

constexpr int kBatch = 7;

/// Runs a network on a tape; returns the outputs whose weighted sum is the loss.
using Forward = std::function<std::vector<Var>(Tape<double>&, Scope<double>&, Var input)>;

struct Trial {
    Device& device;
    Network<double>& network;
    const Forward& forward;
    Sample::Matrix input;

    /// The loss; with `learn` also its gradients, left in the network and returned for the input.
    double run(bool learn, std::vector<double>* d_input = nullptr) {
        Workbench<double> bench(device);
        Tape<double> tape(bench.stream, bench.arena);
        Scope<double> scope(tape, network, {.train = true, .learn = learn, .dropout = 0.25, .key = {3, nullptr, 1}});
        const Var x = learn ? tape.variable(bench.put(input)) : tape.constant(bench.put(input));
        const auto outputs = forward(tape, scope, x);
        double loss = 0;
        std::vector<std::pair<Var, View<double>>> cotangents;
        for (std::size_t k = 0; k < outputs.size(); ++k) {
            const auto y = tape.value(outputs[k]);
            cotangents.emplace_back(outputs[k], bench.normal(y.rows, y.cols, 100 + static_cast<unsigned>(k)));
            const auto a = bench.get(y), w = bench.get(cotangents.back().second);
            for (std::size_t i = 0; i < a.size(); ++i) loss += a[i] * w[i];
        }
        if (!learn) return loss;
        if (cotangents.size() == 1) tape.backward({cotangents[0]});
        else tape.backward({cotangents.at(0), cotangents.at(1), cotangents.at(2), cotangents.at(3)});
        *d_input = bench.get(tape.gradient(x));
        return loss;
    }
    /// Derivative of the loss by a number that `nudge` moves.
    template <class F> double slope(const F& nudge) {
        constexpr double step = 1e-6;
        nudge(step);
        const double ahead = run(false);
        nudge(-2 * step);
        const double behind = run(false);
        nudge(step);
        return (ahead - behind) / (2 * step);
    }
};

/// `parameters` of each array, and as many elements of the input, chosen at random.
void check_gradients(const Layout& layout, const Sample::Matrix& input, const Forward& forward, int chosen) {
    for (const auto& device : test::devices()) {
        Network<double> network(*device, layout);
        network.initialise(5);
        auto values = network.values().download();
        std::mt19937 random(9);
        for (double& v : values) v += std::normal_distribution<double>(0, 0.1)(random); // what starts at zero too
        network.values().upload(values);
        Trial trial{*device, network, forward, input};
        std::vector<double> d_input;
        trial.run(true, &d_input);
        const auto gradients = network.gradients();
        const auto check = [](double analytic, double numeric, double size) {
            CHECK(std::abs(analytic - numeric) < 1e-6 * std::max(size, 1.0));
        };
        for (const Placement& p : network.placements()) {
            if (!p.spec.learned) continue;
            CAPTURE(p.spec.name);
            const auto& gradient = gradients.at(p.spec.name);
            double size = 0;
            for (const double g : gradient) size = std::max(size, std::abs(g));
            for (int i = 0; i < chosen; ++i) {
                const std::size_t at = random() % gradient.size();
                check(gradient[at], trial.slope([&](double by) {
                    values[static_cast<std::size_t>(p.offset) + at] += by;
                    network.values().upload(values);
                }),
                      size);
            }
        }
        for (int i = 0; i < 10; ++i) {
            const std::size_t at = random() % d_input.size();
            check(d_input[at], trial.slope([&](double by) { trial.input.values[at] += by; }), 10);
        }
    }
}

Forward estimator(const char* name) {
    return [name](Tape<double>&, Scope<double>& scope, Var x) {
        return std::vector{find_estimator(name).forward(scope, x)};
    };
}

} // namespace

TEST_CASE("gradients of mlp") {
    check_gradients(find_estimator("mlp").layout(6), sampling::normal(32, kBatch, 0.5), estimator("mlp"), 2);
}
TEST_CASE("gradients of videopose") {
    check_gradients(find_estimator("videopose").layout(6), sampling::normal(32, kBatch, 0.5), estimator("videopose"),
                    2);
}
TEST_CASE("gradients of gcn") {
    check_gradients(find_estimator("gcn").layout(4), sampling::normal(32, kBatch, 0.5), estimator("gcn"), 2);
}
TEST_CASE("gradients of stgcn") {
    check_gradients(find_estimator("stgcn").layout(2), sampling::normal(32, kBatch, 0.5), estimator("stgcn"), 1);
}
TEST_CASE("gradients of the 3D discriminator") {
    check_gradients(
        discriminator_3d_layout(6, 4), sampling::poses(kBatch),
        [](Tape<double>&, Scope<double>& scope, Var x) { return std::vector{discriminate_3d(scope, x)}; }, 1);
}
TEST_CASE("gradients of the 2D discriminator") {
    check_gradients(
        discriminator_2d_layout(6), sampling::normal(32, kBatch, 0.5),
        [](Tape<double>&, Scope<double>& scope, Var x) { return std::vector{discriminate_2d(scope, x)}; }, 3);
}
TEST_CASE("gradients of the augmentor, through every one of its outputs") {
    check_gradients(
        augmentor_layout(6), sampling::poses(kBatch),
        [](Tape<double>& tape, Scope<double>& scope, Var x) {
            std::array<Var, 4> noise;
            std::mt19937 random(2);
            for (Var& n : noise) {
                const auto matrix = tape.matrix(kNoise, kBatch);
                std::vector<double> draws(kNoise * kBatch);
                for (double& v : draws) v = std::normal_distribution<double>()(random);
                test::upload(tape.stream().device(), matrix, draws);
                n = tape.constant(matrix);
            }
            const auto camera = tape.matrix(9, kBatch);
            test::upload(tape.stream().device(), camera, std::vector<double>(9 * kBatch, 1.0));
            const Augmented a = augment(scope, x, tape.constant(camera), noise);
            return std::vector{a.pose_ba, a.angle_diff, a.ratio, a.pose_rt};
        },
        1);
}
