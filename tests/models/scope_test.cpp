#include "models/scope.hpp"

#include "tests/workbench.hpp"

using namespace poseaug;

TEST_CASE("a scope finds a parameter once, and wants its gradient only when learning") {
    const auto device = open_device({.kind = "cpu", .threads = 1});
    test::Workbench<double> bench(*device);
    Layout layout;
    add_dense(layout, "layer", 3, 2);
    Network<double> network(*device, layout);
    network.initialise(1);
    for (const bool learn : {false, true}) {
        Tape<double> tape(bench.stream, bench.arena);
        Scope<double> scope(tape, network, {true, learn});
        const Var weight = scope.parameter("layer.weight");
        CHECK(scope.parameter("layer.weight").id == weight.id);
        CHECK(tape.wants_gradient(weight) == learn);
        CHECK_FALSE(scope.parameter("layer.gain"));
        CHECK(scope.has("layer.bias"));
    }
}

TEST_CASE("a layer used twice in a pass gathers both gradients") {
    const auto device = open_device({.kind = "cpu", .threads = 1});
    test::Workbench<double> bench(*device);
    Layout layout;
    add_dense(layout, "layer", 2, 2);
    Network<double> network(*device, layout);
    network.initialise(1);
    const auto x = bench.normal(2, 5, 1), w = bench.normal(2, 5, 2);
    const auto bias_gradient = [&](bool twice) {
        Tape<double> tape(bench.stream, bench.arena);
        Scope<double> scope(tape, network, {true, true});
        const Var once = scope.linear("layer", tape.constant(x));
        const Var y = twice ? scope.linear("layer", once) : once;
        const auto cotangent = bench.put(2, 5, bench.get(w));
        tape.backward({{y, cotangent}});
        return network.gradients().at("layer.bias");
    };
    const auto once = bias_gradient(false), twice = bias_gradient(true);
    const auto weight = network.save().at("layer.weight");
    for (std::size_t i = 0; i < 2; ++i)
        CHECK(twice[i] == doctest::Approx(once[i] + weight[i] * once[0] + weight[2 + i] * once[1]));
}

TEST_CASE("an array is used by itself or as part of one stack, not both") {
    const auto device = open_device({.kind = "cpu", .threads = 1});
    test::Workbench<double> bench(*device);
    Layout layout;
    for (const char* name : {"a", "b", "c"}) add_dense(layout, name, 3, 2);
    stack(layout, {"a", "b", "c"});
    Network<double> network(*device, layout);
    Tape<double> tape(bench.stream, bench.arena);
    Scope<double> scope(tape, network, {true, true});
    const auto refused = [&](const Names& names) {
        return test::contains(test::error_of([&] { scope.parameter(names); }), "by itself and as part of a stack");
    };
    const Names both = {"a.weight", "b.weight"};
    CHECK(scope.parameter(both).id == scope.parameter(both).id);
    CHECK(refused({"a.weight"}));
    CHECK(refused({"b.weight"}));
    CHECK(refused({"a.weight", "b.weight", "c.weight"}));
    CHECK_FALSE(scope.parameter(Names{"a.gain", "b.gain"}));
}
