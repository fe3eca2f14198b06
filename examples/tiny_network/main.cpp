// Fits y = sin(3 x) with a network of one hidden tanh layer: the tape, a network's parameters, and Adam.

#include <poseaug/engine/matmul.hpp>
#include <poseaug/engine/tape.hpp>
#include <poseaug/kernels/network/ops.hpp>
#include <poseaug/kernels/pose/losses.hpp>
#include <poseaug/models/scope.hpp>

#include <cmath>
#include <cstdio>
#include <vector>

using namespace poseaug;

namespace {

constexpr int kPoints = 64, kHidden = 32, kSteps = 3000;

/// Uploads one row of numbers; tensors are rows of features over the points of a batch.
View<float> row(Device& device, Arena& arena, const std::vector<float>& values) {
    const View<float> view = arena.matrix<float>(1, static_cast<int>(values.size()));
    device.upload(view.data, values.data(), values.size() * sizeof(float));
    return view;
}

} // namespace

int main() try {
    const auto device = open_device(); // a GPU where one is usable, else the CPU
    std::printf("on %s\n", device->name().c_str());
    Stream<float> stream(*device);
    Arena data(*device), scratch(*device);

    std::vector<float> x, minus_y;
    for (int i = 0; i < kPoints; ++i) {
        x.push_back(2.0F * static_cast<float>(i) / (kPoints - 1) - 1);
        minus_y.push_back(-std::sin(3 * x.back()));
    }
    const View<float> inputs = row(*device, data, x), minus_targets = row(*device, data, minus_y);

    Layout layout;
    add_dense(layout, "hidden", 1, kHidden);
    add_dense(layout, "out", kHidden, 1);
    Network<float> network(*device, layout);
    network.initialise(0);
    network.set_rate(5e-3);

    float first = 0, loss = 0;
    for (int step = 0; step <= kSteps; ++step) {
        scratch.rewind(); // a step's tensors live until the next
        Tape<float> tape(stream, scratch);
        Scope<float> scope(tape, network, {.train = true, .learn = true});
        const Var hidden = tape.apply<Tanh>({scope.linear("hidden", tape.constant(inputs))});
        const Var output = tape.apply<MatMul>({scope.parameter("out.weight"), hidden});
        const Var error =
            tape.apply<BiasActivation>({output, scope.parameter("out.bias"), tape.constant(minus_targets)});
        const Var mean_square = tape.apply<LeastSquares>({error}, {0.0}); // of one run of columns: one number
        tape.backward();
        network.adam_step(stream, scratch, {});
        if (step % 500 != 0) continue;
        device->download(&loss, tape.value(mean_square).data, sizeof loss);
        if (step == 0) first = loss;
        std::printf("step %4d   mean squared error %.6f\n", step, static_cast<double>(loss));
    }
    const bool learned = loss < first / 100;
    std::printf(learned ? "learned\n" : "FAILED: the error fell less than a hundredfold\n");
    return learned ? 0 : 1;
} catch (const Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
