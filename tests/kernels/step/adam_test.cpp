#include "kernels/step/procedures.hpp"
#include "tests/workbench.hpp"

#include <numeric>

using namespace poseaug;
using test::Workbench;

namespace {

/// The textbook's Adam behind a clip, one number at a time.
struct ReferenceAdam {
    std::vector<double> parameters, first, second;
    int t = 0;

    explicit ReferenceAdam(std::vector<double> start)
        : parameters(std::move(start)), first(parameters.size()), second(parameters.size()) {}
    void step(const std::vector<double>& gradient, double rate, double clip) {
        ++t;
        const double norm = std::sqrt(std::inner_product(gradient.begin(), gradient.end(), gradient.begin(), 0.0));
        const double scale = clip / (norm + 1e-6) < 1 ? clip / (norm + 1e-6) : 1;
        for (std::size_t i = 0; i < parameters.size(); ++i) {
            const double g = gradient[i] * scale;
            first[i] = 0.9 * first[i] + 0.1 * g;
            second[i] = 0.999 * second[i] + 0.001 * g * g;
            const double m = first[i] / (1 - std::pow(0.9, t)), v = second[i] / (1 - std::pow(0.999, t));
            parameters[i] -= rate * m / (std::sqrt(v) + 1e-8);
        }
    }
};

} // namespace

TEST_CASE("Adam takes the textbook's steps, clipped and not, at a decaying rate") {
    for (const auto& device : test::devices())
        for (const double size : {0.01, 10.0}) { // gradients below and above the clip
            constexpr int n = 37, steps = 6;
            CAPTURE(size);
            Workbench<double> bench(*device);
            const auto parameters = bench.normal(1, n, 1);
            DeviceArray<AdamState> state(*device, {AdamState{0, 0.02}});
            ReferenceAdam expected(bench.get(parameters));
            Call<double> call;
            call.attributes = Attributes::of(Adam{.state = state.data(), .clip = 1.0, .decay = 0.5, .decay_steps = 2});
            call.state[0] = parameters;
            call.state[1] = bench.filled(1, n, 0);
            call.state[2] = bench.filled(1, n, 0);
            call.scratch = bench.filled(1, static_cast<int>(adam_scratch(n)), 0).data;
            for (int i = 0; i < steps; ++i) {
                const auto gradient = bench.normal(1, n, 10 + static_cast<unsigned>(i), size);
                call.in[0] = gradient;
                bench.stream.run(adam_procedure(), call);
                expected.step(bench.get(gradient), 0.02 * std::pow(0.5, i / 2), 1.0);
            }
            CHECK(test::largest_difference(bench.get(parameters), expected.parameters) < 1e-13);
            CHECK(test::largest_difference(bench.get(call.state[1]), expected.first) < 1e-13);
            CHECK(test::largest_difference(bench.get(call.state[2]), expected.second) < 1e-13);
            CHECK(state.download()[0].step == steps);
        }
}

TEST_CASE("Adam's first step by hand") {
    const auto device = open_device({.kind = "cpu", .threads = 1});
    Workbench<double> bench(*device);
    AdamState state{0, 0.1};
    Call<double> call;
    call.attributes = Attributes::of(Adam{.state = &state});
    call.in[0] = bench.put(1, 2, {3, 4}); // of norm 5, clipped to 1
    call.state[0] = bench.put(1, 2, {1, 1});
    call.state[1] = bench.filled(1, 2, 0);
    call.state[2] = bench.filled(1, 2, 0);
    call.scratch = bench.filled(1, static_cast<int>(adam_scratch(2)), 0).data;
    bench.stream.run(adam_procedure(), call);
    const double scale = 1 / (5 + 1e-6);
    CHECK(call.state[1](0, 0) == doctest::Approx(0.1 * 3 * scale));
    CHECK(call.state[2](0, 1) == doctest::Approx(0.001 * 16 * scale * scale));
    CHECK(call.state[0](0, 0) == doctest::Approx(1 - 0.1)); // the first step is the rate, whatever the gradient
    CHECK(call.state[0](0, 1) == doctest::Approx(1 - 0.1));
}

TEST_CASE("a gradient of zero leaves parameters their bytes") {
    for (const auto& device : test::devices()) {
        Workbench<float> bench(*device);
        DeviceArray<AdamState> state(*device, {AdamState{0, 0.1}});
        Call<float> call;
        call.attributes = Attributes::of(Adam{.state = state.data()});
        call.in[0] = bench.put(1, 3, {0, 2, 0});
        call.state[0] = bench.put(1, 3, {0.1, 0.2, 0.3});
        const auto before = bench.get(call.state[0]);
        call.state[1] = bench.filled(1, 3, 0);
        call.state[2] = bench.filled(1, 3, 0);
        call.scratch = bench.filled(1, static_cast<int>(adam_scratch(3)), 0).data;
        for (int i = 0; i < 5; ++i) bench.stream.run(adam_procedure(), call);
        const auto after = bench.get(call.state[0]);
        CHECK(after[0] == before[0]);
        CHECK(after[1] != before[1]);
        CHECK(after[2] == before[2]);
    }
}
