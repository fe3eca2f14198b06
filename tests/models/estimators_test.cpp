#include "models/estimators.hpp"

#include "tests/workbench.hpp"

#include <algorithm>

using namespace poseaug;
using test::Workbench;

namespace {

std::vector<double> estimate(Device& device, const Estimator& e, Network<double>& network, const Mode& mode, int batch,
                             std::vector<double> mask_values = {}) {
    Workbench<double> bench(device);
    Tape<double> tape(bench.stream, bench.arena);
    Scope<double> scope(tape, network, mode);
    if (!mask_values.empty()) {
        std::vector<View<double>> masks;
        for (const double v : mask_values) masks.push_back(bench.filled(8, batch, v));
        scope.give_masks(masks);
    }
    std::vector<double> columns;
    std::mt19937 random(1);
    for (int i = 0; i < 32 * batch; ++i) columns.push_back(std::normal_distribution<double>()(random));
    const auto image = bench.arena.matrix<double>(32, batch);
    test::upload(device, image, columns);
    return test::download(device, tape.value(e.forward(scope, tape.constant(image))));
}

} // namespace

TEST_CASE("estimators are found by name") {
    for (const Estimator& e : estimators()) {
        CHECK(&find_estimator(e.name) == &e);
        CHECK(test::contains(estimator_names(), std::string(e.name)));
        for (const int width : {8, 12})
            for (const Estimator& other : estimators()) {
                const Layout layout = other.layout(width);
                const auto found = std::ranges::find(layout, e.signature, &ParameterSpec::name);
                REQUIRE((found != layout.end()) == (&other == &e));
                if (&other == &e) CHECK(found->dims.front() == width);
            }
    }
    CHECK(test::contains(test::error_of([] { find_estimator("mpl"); }),
                         "no estimator is named 'mpl'; there are mlp, videopose"));
}

TEST_CASE(
    "every estimator puts the hip at zero, and while evaluating treats each pose alone and keeps its statistics") {
    for (const auto& device : test::devices())
        for (const Estimator& e : estimators()) {
            CAPTURE(e.name);
            Network<double> network(*device, e.layout(8));
            network.initialise(1);
            const auto weights = network.save();
            const auto five = estimate(*device, e, network, {}, 5), two = estimate(*device, e, network, {}, 2);
            REQUIRE(five.size() == 48 * 5);
            for (std::size_t i = 0; i < five.size(); i += 48)
                for (std::size_t k = 0; k < 3; ++k) CHECK(five[i + k] == 0);
            CHECK(test::largest_difference(two, {five.begin(), five.begin() + 96}) < 1e-13);
            CHECK(network.save() == weights);
        }
}

TEST_CASE("while training, every estimator's statistics move and its dropout draws anew each step") {
    for (const auto& device : test::devices())
        for (const Estimator& e : estimators()) {
            CAPTURE(e.name);
            Network<double> network(*device, e.layout(8));
            network.initialise(1);
            const auto before = network.statistics().download();
            DeviceArray<StepState> state(*device, {StepState{1, 0, 0}}), next(*device, {StepState{2, 0, 0}});
            const auto run = [&](const StepState* s, double rate) {
                return estimate(*device, e, network, {true, false, rate, 1, {7, s, 0}}, 16);
            };
            const auto first = run(state.data(), 0.5);
            CHECK(network.statistics().download() != before);
            CHECK(run(state.data(), 0.5) == first);
            CHECK(run(next.data(), 0.5) != first);
            CHECK(run(state.data(), 0.0) == run(next.data(), 0.0));
        }
}

TEST_CASE("masks can be given in place of random dropout") {
    const auto device = open_device({.kind = "cpu", .threads = 1});
    for (const Estimator& e : estimators()) {
        Network<double> network(*device, e.layout(8));
        network.initialise(1);
        std::size_t layers = 0;
        for (const ParameterSpec& spec : e.layout(8))
            layers += spec.name.find("running_mean") != std::string::npos ? 1 : 0;
        const Mode mode{true, false, 0.5};
        const auto all_dropped = estimate(*device, e, network, mode, 4, std::vector<double>(layers, 0.0));
        // nothing but the last layer's bias is left: all poses are alike
        for (std::size_t i = 48; i < all_dropped.size(); ++i) CHECK(all_dropped[i] == all_dropped[i - 48]);
        CHECK(estimate(*device, e, network, mode, 4, std::vector<double>(layers, 1.0)) != all_dropped);
    }
}
