#include "engine/arena.hpp"
#include "engine/registry.hpp"
#include "engine/stream.hpp"
#include "kernels/step/shuffle.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>

using namespace poseaug;

namespace {

/// A matrix of a device with the numbers of a sample; nothing for an absent one.
View<double> put(Arena& arena, const Sample::Matrix& m) {
    if (m.values.empty()) return {};
    const View<double> view = arena.matrix<double>(m.rows, m.cols);
    for (int r = 0; r < m.rows; ++r)
        arena.device().upload(view.row(r), m.values.data() + static_cast<std::ptrdiff_t>(r) * m.cols,
                              static_cast<std::size_t>(m.cols) * sizeof(double));
    return view;
}

std::vector<double> take(Device& device, const View<double>& view) {
    std::vector<double> values(static_cast<std::size_t>(view.size()));
    for (int r = 0; r < view.rows; ++r)
        device.download(values.data() + static_cast<std::ptrdiff_t>(r) * view.cols, view.row(r),
                        static_cast<std::size_t>(view.cols) * sizeof(double));
    return values;
}

/// All that an op writes, forward and backward, for one sample; gradients are added to ones.
std::vector<double> results(Device& device, const Op& op, const Sample& sample) {
    Arena arena(device);
    Stream<double> stream(device);
    Call<double> call;
    call.attributes = sample.attributes;
    Shape in[kMaxInputs], out[kMaxOutputs];
    for (std::size_t i = 0; i < sample.in.size(); ++i) {
        call.in[i] = put(arena, sample.in[i]);
        in[i] = call.in[i].shape();
    }
    for (std::size_t k = 0; k < sample.state.size(); ++k) call.state[k] = put(arena, sample.state[k]);
    op.shapes(call.attributes, in, out);
    for (int j = 0; j < op.outputs; ++j) call.out[j] = arena.matrix<double>(out[j].rows, out[j].cols);
    if (op.scratch)
        call.scratch = static_cast<double*>(
            arena.allocate(static_cast<std::size_t>(op.scratch(call.attributes, in)) * sizeof(double)));
    stream.run(op, Direction::value, call);
    std::vector<double> all;
    const auto append = [&](const View<double>& view) {
        const auto values = take(device, view);
        all.insert(all.end(), values.begin(), values.end());
    };
    for (int j = 0; j < op.outputs; ++j) append(call.out[j]);
    if (!op.differentiable) return all;
    const auto wave = [&](Shape shape) {
        Sample::Matrix m{shape.rows, shape.cols,
                         std::vector<double>(static_cast<std::size_t>(shape.rows * shape.cols))};
        for (std::size_t i = 0; i < m.values.size(); ++i) m.values[i] = std::sin(1.0 + static_cast<double>(i));
        return m;
    };
    for (int j = 0; j < op.outputs; ++j) call.d_out[j] = put(arena, wave(out[j]));
    for (int i = 0; i < op.inputs; ++i)
        if (call.in[i] && (op.differentiable >> i & 1U)) call.d_in[i] = put(arena, wave(in[i]));
    call.accumulate = ~0U;
    stream.run(op, Direction::vjp, call);
    for (int i = 0; i < op.inputs; ++i) append(call.d_in[i]);
    return all;
}

} // namespace

TEST_CASE("asking for a GPU where none is usable says why") {
    if (!why_no_cuda()) return;
    try {
        open_device({.kind = "cuda", .threads = 1});
        FAIL("opened a GPU that is not there");
    } catch (const Error& error) {
        const std::string message = error.what();
        CHECK(message.find(why_no_cuda()) != std::string::npos);
        CHECK(message.find("--device cpu") != std::string::npos);
    }
    CHECK_FALSE(open_device({.kind = "auto", .threads = 1})->is_cuda());
}

TEST_CASE("on a GPU every op computes what the CPU does") {
    if (why_no_cuda()) return;
    const auto cpu = open_device({.kind = "cpu", .threads = 1}), gpu = open_device({.kind = "cuda", .threads = 1});
    for (const Op& op : registry())
        for (const Sample& sample : op.samples()) {
            if (!sample.smooth) continue; // at a kink rounding decides
            const auto expected = results(*cpu, op, sample), found = results(*gpu, op, sample);
            REQUIRE(found.size() == expected.size());
            double worst = 0;
            for (std::size_t i = 0; i < expected.size(); ++i)
                worst = std::max(worst, std::abs(found[i] - expected[i]) / (1 + std::abs(expected[i])));
            CHECK_MESSAGE(worst < 1e-6, op.name, ", ", sample.label, " is off by ", worst);
        }
}

TEST_CASE("on a GPU a recorded step is repeated by its graph") {
    if (why_no_cuda()) return;
    const auto gpu = open_device({.kind = "cuda", .threads = 1});
    DeviceArray<StepState> state(*gpu, std::vector<StepState>(1));
    Stream<float> stream(*gpu);
    Call<float> call;
    call.attributes = Attributes::of(Advance{state.data()});
    auto plan = stream.record([&] { stream.run(advance_procedure(), call); });
    for (int i = 0; i < 4; ++i) plan.replay();
    CHECK(state.download()[0].counter == 5);
    CHECK_THROWS_AS(stream.record([&] { state.upload(std::vector<StepState>(1)); }), Error);
    CHECK(state.download()[0].counter == 5);
}

TEST_CASE("permutations and choices are the same on either device") {
    if (why_no_cuda()) return;
    constexpr std::int64_t n = 100001;
    std::vector<std::int32_t> order[2], choice[2];
    for (const int side : {0, 1}) {
        const auto device = open_device({.kind = side == 0 ? "cpu" : "cuda", .threads = 1});
        const RandomKey key{42, nullptr, 7};
        DeviceArray<std::int32_t> items(*device, n);
        DeviceArray<std::byte> scratch(*device, static_cast<std::int64_t>(permutation_scratch(device->queue(), n)));
        random_permutation(device->queue(), key, items.data(), n, scratch.data());
        order[side] = items.download();
        random_choice(device->queue(), key, items.data(), n, 17);
        choice[side] = items.download();
    }
    CHECK(order[1] == order[0]);
    CHECK(choice[1] == choice[0]);
}
