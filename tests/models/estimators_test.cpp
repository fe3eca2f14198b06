#include "models/estimators.hpp"

#include "tests/workbench.hpp"

#include <algorithm>

using namespace poseaug;
using test::Workbench;

namespace {

std::vector<double> images(int count) {
    std::vector<double> columns;
    std::mt19937 random(1);
    for (int i = 0; i < 32 * count; ++i) columns.push_back(std::normal_distribution<double>()(random));
    return columns;
}

/// The poses estimated of these images; `masks` have a mask for each dropout layer, its value everywhere.
struct GivenMask {
    int rows, nodes;
    double value;
};
std::vector<double> estimate(Device& device, const Estimator& e, Network<double>& network, const Mode& mode,
                             const std::vector<double>& columns, const std::vector<GivenMask>& given = {}) {
    Workbench<double> bench(device);
    Tape<double> tape(bench.stream, bench.arena);
    Scope<double> scope(tape, network, mode);
    const auto batch = static_cast<int>(columns.size() / 32);
    std::vector<View<double>> masks;
    for (const GivenMask& m : given) masks.push_back(bench.filled(m.rows, m.nodes * batch, m.value));
    scope.give_masks(masks);
    const auto image = bench.arena.matrix<double>(32, batch);
    test::upload(device, image, columns);
    return test::download(device, tape.value(e.forward(scope, tape.constant(image))));
}

/// Masks of all dropout layers of a network of width 8, in order of use.
std::vector<GivenMask> masks_of(std::string_view name, double value) {
    const auto repeated = [&](int count, int rows, int nodes) {
        return std::vector<GivenMask>(static_cast<std::size_t>(count), {rows, nodes, value});
    };
    if (name == "mlp") return repeated(5, 8, 1);
    if (name == "videopose") return repeated(9, 8, 1);
    if (name == "gcn") return repeated(9, 8, 16);
    std::vector<GivenMask> all;
    for (const auto& part : {repeated(4, 8, 17), repeated(2, 16, 17), repeated(4, 32, 5), repeated(1, 32, 1),
                             repeated(1, 16, 5), repeated(1, 32, 17)})
        all.insert(all.end(), part.begin(), part.end());
    return all;
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

TEST_CASE("while evaluating, every estimator treats each pose alone and keeps its statistics") {
    for (const auto& device : test::devices())
        for (const Estimator& e : estimators()) {
            CAPTURE(e.name);
            Network<double> network(*device, e.layout(8));
            network.initialise(1);
            const auto weights = network.save();
            const auto columns = images(5);
            const auto five = estimate(*device, e, network, {}, columns),
                       two = estimate(*device, e, network, {}, {columns.begin(), columns.begin() + 64});
            REQUIRE(five.size() == 48 * 5);
            CHECK(test::largest_difference(two, {five.begin(), five.begin() + 96}) < 1e-13);
            CHECK(network.save() == weights);
        }
}

TEST_CASE("mlp and videopose put the hip at zero; gcn and stgcn estimate it") {
    const auto device = open_device({.kind = "cpu", .threads = 1});
    for (const Estimator& e : estimators()) {
        Network<double> network(*device, e.layout(8));
        network.initialise(1);
        const auto poses = estimate(*device, e, network, {}, images(5));
        for (std::size_t i = 0; i < poses.size(); i += 48)
            for (std::size_t k = 0; k < 3; ++k)
                CHECK((poses[i + k] == 0) == (e.name == "mlp" || e.name == "videopose"));
    }
}

TEST_CASE("three batches side by side, each a group, are what three forwards give") {
    for (const auto& device : test::devices())
        for (const Estimator& e : estimators()) {
            CAPTURE(e.name);
            constexpr int batch = 6, groups = 3;
            Network<double> together(*device, e.layout(8)), apart(*device, e.layout(8));
            for (Network<double>* n : {&together, &apart}) n->initialise(1);
            const auto columns = images(groups * batch);
            std::vector<double> expected;
            for (int g = 0; g < groups; ++g) {
                const auto first = columns.begin() + std::ptrdiff_t{32} * batch * g;
                const auto poses =
                    estimate(*device, e, apart, {true, true}, {first, first + std::ptrdiff_t{32} * batch});
                expected.insert(expected.end(), poses.begin(), poses.end());
            }
            const auto found = estimate(*device, e, together, {true, true, 0.0, groups}, columns);
            CHECK(test::largest_difference(found, expected) < 1e-12);
            CHECK(test::largest_difference(together.statistics().download(), apart.statistics().download()) < 1e-12);
            CHECK(test::largest_difference(estimate(*device, e, together, {true, true}, columns), expected) > 1e-3);
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
                return estimate(*device, e, network, {true, false, rate, 1, {7, s, 0}}, images(16));
            };
            const auto first = run(state.data(), 0.5);
            CHECK(network.statistics().download() != before);
            CHECK(run(state.data(), 0.5) == first);
            CHECK(run(next.data(), 0.5) != first);
            CHECK(run(state.data(), 0.0) == run(next.data(), 0.0));
        }
}

TEST_CASE("a rate of -1 selects a network's own rates, for each layer") {
    const auto device = open_device({.kind = "cpu", .threads = 1});
    const auto at_rate = [&](const Estimator& e, double rate) {
        Network<double> network(*device, e.layout(8));
        network.initialise(1);
        return estimate(*device, e, network, {true, false, rate, 1, {7, nullptr, 0}}, images(16));
    };
    for (const auto& [name, own] : {std::pair("mlp", 0.25), {"videopose", 0.25}, {"gcn", 0.0}})
        CHECK(at_rate(find_estimator(name), -1) == at_rate(find_estimator(name), own));
    const Estimator& stgcn = find_estimator("stgcn");
    for (const double rate : {0.0, 0.05, 0.1, 0.25}) CHECK(at_rate(stgcn, -1) != at_rate(stgcn, rate));
}

TEST_CASE("masks can be given in place of random dropout") {
    const auto device = open_device({.kind = "cpu", .threads = 1});
    for (const Estimator& e : estimators()) {
        CAPTURE(e.name);
        Network<double> network(*device, e.layout(8));
        network.initialise(1);
        const Mode mode{true, false, 0.5};
        const auto all_dropped = estimate(*device, e, network, mode, images(4), masks_of(e.name, 0));
        // nothing but the last layer's bias is left: all poses are alike
        for (std::size_t i = 48; i < all_dropped.size(); ++i) CHECK(all_dropped[i] == all_dropped[i - 48]);
        CHECK(estimate(*device, e, network, mode, images(4), masks_of(e.name, 1)) != all_dropped);
    }
}
