#include "models/network.hpp"

#include "models/augmentor.hpp"
#include "models/discriminators.hpp"
#include "models/estimators.hpp"
#include "tests/workbench.hpp"
#include "training/network_copy.hpp"

#include <algorithm>

using namespace poseaug;
using test::contains;
using test::error_of;

namespace {

using Values = std::vector<double>;

struct Moments {
    double mean = 0, deviation = 0, kurtosis = 0, largest = 0;
};
Moments moments(const Values& values) {
    Moments m;
    const auto n = static_cast<double>(values.size());
    for (const double v : values) {
        m.mean += v / n;
        m.largest = std::max(m.largest, std::abs(v));
    }
    double square = 0, fourth = 0;
    for (const double v : values) {
        const double d = (v - m.mean) * (v - m.mean);
        square += d / n;
        fourth += d * d / n;
    }
    m.deviation = std::sqrt(square);
    m.kurtosis = square > 0 ? fourth / (square * square) : 0;
    return m;
}

bool ends_with(const std::string& text, const std::string& end) {
    return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

void check_uniform(const Values& values, double bound) {
    const Moments m = moments(values);
    const auto n = static_cast<double>(values.size());
    CHECK(m.largest <= bound);
    CHECK(std::abs(m.mean) < 5 * bound / std::sqrt(3 * n));
    if (n < 40) return;
    CHECK(m.largest > 0.8 * bound);
    CHECK(std::abs(m.deviation - bound / std::sqrt(3)) < 5 * bound * 0.26 / std::sqrt(n)); // kurtosis 1.8
}

void check_normal(const Values& values, double deviation) {
    const Moments m = moments(values);
    const auto n = static_cast<double>(values.size());
    CHECK(std::abs(m.mean) < 5 * deviation / std::sqrt(n));
    CHECK(std::abs(m.deviation - deviation) < 5 * deviation / std::sqrt(2 * n));
    if (n > 1000) CHECK(m.kurtosis > 2.3); // a uniform's is 1.8
}

/// One array of a semantic graph convolution whose two weight matrices, one above the other, are of this shape.
void check_graph_convolution(const std::string& name, const Values& values, Shape stacked) {
    const double in = stacked.rows / 2.0, out = stacked.cols;
    if (ends_with(name, ".e")) CHECK(values == Values(46, 1.0));
    else if (ends_with(name, ".W")) check_uniform(values, 1.414 * std::sqrt(6 / (in * out + 2 * out)));
    else check_uniform(values, 1 / std::sqrt(out));
}

/// Checks every array of a network against the method's section 2; what an array is its name tells.
void check_initial_values(const Layout& layout, bool convolutions, double millions, double spread = 5e-5) {
    const auto device = open_device({.kind = "cpu", .threads = 2});
    Network<float> network(*device, layout);
    network.initialise(11);
    const auto all = network.save();
    CHECK(all.size() == layout.size());
    CHECK(std::abs(static_cast<double>(network.learned()) / 1e6 - millions) < spread);
    for (const auto& [name, values] : all) {
        CAPTURE(name);
        const std::string layer = name.substr(0, name.rfind('.'));
        if (all.count(layer + ".running_mean")) {
            const bool one = ends_with(name, ".running_var") ||
                             (ends_with(name, ".weight") && !ends_with(name, "non_local.W.1.weight"));
            CHECK(values == Values(values.size(), one ? 1.0 : 0.0));
            continue;
        }
        if (all.count(layer + ".W")) {
            check_graph_convolution(name, values, network.value(layer + ".W").shape());
            continue;
        }
        const double fan_in = network.value(layer + ".weight").cols;
        if (ends_with(name, ".weight") && !convolutions) check_normal(values, std::sqrt(2 / fan_in));
        else check_uniform(values, 1 / std::sqrt(fan_in));
    }
}

Layout small() {
    Layout layout;
    add_dense(layout, "a", 3, 2);
    add_norm(layout, "n", 2);
    add_convolution(layout, "c", 2, 4, false, 2);
    return layout;
}

} // namespace

TEST_CASE("initial values and size of the augmentor, array by array") {
    check_initial_values(augmentor_layout(), false, 1.1815);
}
TEST_CASE("initial values and size of the 3D discriminator") {
    check_initial_values(discriminator_3d_layout(), false, 1.0762);
}
TEST_CASE("initial values and size of the 2D discriminator") {
    check_initial_values(discriminator_2d_layout(), false, 0.0438);
}
TEST_CASE("initial values and size of mlp") {
    const Estimator& e = find_estimator("mlp");
    check_initial_values(e.layout(e.width), false, 4.29, 5e-3);
}
TEST_CASE("initial values and size of videopose, whose layers are convolutions") {
    const Estimator& e = find_estimator("videopose");
    check_initial_values(e.layout(e.width), true, 8.49, 5e-3);
}

TEST_CASE("initial values and size of gcn, whose layers are semantic graph convolutions") {
    const Estimator& e = find_estimator("gcn");
    check_initial_values(e.layout(e.width), true, 0.27, 5e-3);
}
TEST_CASE("initial values and size of stgcn, whose non-local block starts as the identity") {
    const Estimator& e = find_estimator("stgcn");
    check_initial_values(e.layout(e.width), true, 3.63, 5e-3);
}

TEST_CASE("the same seed gives the same values, in either precision; another seed others") {
    const auto device = open_device({.kind = "cpu", .threads = 1});
    const Layout layout = augmentor_layout(8);
    Network<float> a(*device, layout), b(*device, layout), c(*device, layout);
    Network<double> d(*device, layout);
    a.initialise(1);
    b.initialise(1);
    c.initialise(2);
    d.initialise(1);
    CHECK(a.save() == b.save());
    const auto first = a.save(), other = c.save(), fine = d.save();
    for (const auto& [name, values] : first) {
        CAPTURE(name);
        CHECK(test::largest_difference(values, fine.at(name)) < 1e-6);
        if (moments(values).deviation > 0) CHECK(values != other.at(name));
    }
    CHECK(first.at("BAprocess.w1.weight") != first.at("RTprocess.w1_R.weight"));
    CHECK(first.at("RTprocess.w1_R.weight") != first.at("RTprocess.w1_T.weight"));
}

TEST_CASE("a network's arrays have the shapes of a file and lie as matrices on the device") {
    for (const auto& device : test::devices()) {
        Network<double> network(*device, small());
        CHECK(network.learned() == 6 + 2 + 2 + 2 + 8);
        CHECK(network.placements()[6].spec.dims == std::vector<int>{4, 2, 1, 1});
        CHECK(network.value("c.weight").shape() == Shape{4, 2});
        CHECK(network.value("a.bias").shape() == Shape{2, 1});
        network.initialise(1);
        auto values = network.save();
        values["a.weight"] = {1, 2, 3, 4, 5, 6};
        values["n.running_mean"] = {7, 8};
        const std::uint64_t before = *network.version();
        network.load(values);
        CHECK(*network.version() != before);
        CHECK(network.save() == values);
        CHECK(test::download(*device, network.value("a.weight")) == Values{1, 4, 2, 5, 3, 6});
    }
}

TEST_CASE("values that do not fit a network are refused and change nothing") {
    const auto device = open_device({.kind = "cpu", .threads = 1});
    Network<double> network(*device, small());
    network.initialise(1);
    const auto values = network.save();
    const auto refuses = [&](const auto& change, const std::string& part) {
        auto changed = values;
        changed["a.weight"] = Values(6, 9);
        change(changed);
        CHECK(contains(error_of([&] { network.load(changed); }), part));
        CHECK(network.save() == values);
    };
    refuses([](auto& v) { v.erase("n.bias"); }, "lack 'n.bias'");
    refuses([](auto& v) { v["n.bias"].push_back(1); }, "give 'n.bias' 3 elements; this network needs 2");
    refuses([](auto& v) { v["b.weight"] = {1}; }, "hold 'b.weight', which this network has not");
    CHECK(contains(error_of([&] { network.value("z"); }), "no parameter 'z'"));
}

TEST_CASE("a new optimiser has no moments, no steps and no rate") {
    const auto device = open_device({.kind = "cpu", .threads = 1});
    test::Workbench<double> bench(*device);
    Network<double> network(*device, small());
    network.initialise(1);
    network.set_rate(0.5);
    network.adam_step(bench.stream, bench.arena, {});
    CHECK(network.adam_state().step == 1);
    CHECK(network.adam_state().rate == 0.5);
    network.reset_adam();
    CHECK(network.adam_state().step == 0);
    CHECK(network.first_moment().download() == Values(20, 0.0));
}

namespace {
/// Three layers a, b, c with norms, the last two of which are stacked in another order.
Layout stacked_layers() {
    Layout layout;
    for (const auto& [name, out] : {std::pair("a", 2), {"b", 3}, {"c", 1}}) {
        add_dense(layout, name, 2, out);
        add_norm(layout, std::string(name) + ".norm", out);
    }
    stack(layout, {"c", "b"});
    return layout;
}
} // namespace

TEST_CASE("arrays of stacked layers are one matrix, and keep their names and initial values") {
    for (const auto& device : test::devices()) {
        Network<double> network(*device, stacked_layers());
        Layout plain = stacked_layers();
        for (ParameterSpec& spec : plain) spec.place = 0;
        Network<double> apart(*device, plain);
        network.initialise(1);
        apart.initialise(1);
        CHECK(network.save() == apart.save());
        const auto values = network.save();
        test::Workbench<double> bench(*device);
        const auto both = [&](const std::string& array) {
            Values rows = values.at("c" + array);
            rows.insert(rows.end(), values.at("b" + array).begin(), values.at("b" + array).end());
            return rows;
        };
        CHECK(network.value(Names{"c.weight", "b.weight"}).shape() == Shape{4, 2});
        for (const std::string array : {".weight", ".bias", ".norm.weight", ".norm.running_var"})
            CHECK(bench.get(network.value(Names{"c" + array, "b" + array})) == both(array));
        CHECK(network.gradient(Names{"c.bias", "b.bias"}).data == network.gradient("c.bias").data);
        CHECK(network.gradient("b.bias").data == network.gradient("c.bias").data + 1);
    }
}

TEST_CASE("arrays that do not follow one another are not taken for one matrix") {
    const auto device = open_device({.kind = "cpu", .threads = 1});
    Network<double> network(*device, stacked_layers());
    const auto refuses = [&](const Names& names, const std::string& part) {
        CHECK(contains(error_of([&] { network.value(names); }), part));
        CHECK(contains(error_of([&] { network.gradient(names); }), part));
    };
    refuses({"b.weight", "c.weight"}, "'c.weight' does not continue 'b.weight' in memory");
    refuses({"a.weight", "b.weight"}, "'b.weight' does not continue 'a.weight'");
    refuses({"b.weight", "c.bias"}, "'c.bias' does not continue 'b.weight'"); // follows, but has other rows
    refuses({"b.weight", "z"}, "no parameter 'z'");
    Layout layout = stacked_layers();
    CHECK(contains(error_of([&] { stack(layout, {"a", "d"}); }), "the layout has no 'd.weight' to stack"));
}

TEST_CASE("flat arrays are written in the order of the layout, whatever their order in memory") {
    const auto device = open_device({.kind = "cpu", .threads = 1});
    Network<double> network(*device, stacked_layers()), other(*device, stacked_layers());
    network.initialise(1);
    const auto values = network.save();
    Values learned, statistics;
    for (const ParameterSpec& spec : stacked_layers()) {
        Values& all = spec.learned ? learned : statistics;
        all.insert(all.end(), values.at(spec.name).begin(), values.at(spec.name).end());
    }
    NetworkCopy<double> copy(network);
    copy.queue(network);
    device->synchronize();
    const auto joined = [](const std::vector<std::span<const double>>& parts) {
        Values all;
        for (const auto& part : parts) all.insert(all.end(), part.begin(), part.end());
        return all;
    };
    CHECK(joined(copy.values()) == learned);
    CHECK(joined(copy.statistics()) == statistics);
    CHECK(network.values().download() != learned);
    other.set_in_layout_order(other.values(), learned);
    other.set_in_layout_order(other.statistics(), statistics);
    CHECK(other.save() == values);
}
