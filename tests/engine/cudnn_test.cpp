#include "engine/cudnn.hpp"

#include "engine/matmul.hpp"
#include "engine/registry.hpp"
#include "kernels/network/ops.hpp"
#include "models/estimators.hpp"
#include "tests/workbench.hpp"

using namespace poseaug;
using test::contains;
using test::error_of;
using test::largest_difference;
using test::Workbench;

namespace {

/// A GPU opened for cuDNN; null, saying why, where there is none.
std::unique_ptr<Device> gpu_with_cudnn() {
    const char* const reason = why_no_cuda() ? why_no_cuda() : why_no_cudnn();
    if (!reason) return open_device({.kind = "cuda", .convolution = Convolution::cudnn});
    MESSAGE("skipped: ", std::string(reason));
    return nullptr;
}

/// Matrices without padding, as parameters are.
template <class T> View<T> unpadded(Workbench<T>& bench, int rows, int cols, unsigned seed) {
    View<T> view = bench.put(1, rows * cols, bench.get(bench.normal(1, rows * cols, seed)));
    view.rows = rows;
    view.cols = cols;
    view.stride = cols;
    return view;
}

using Results = std::vector<std::vector<double>>;

/// Forward and backward of an op with two or three inputs, the gradients added to ones.
struct Trial {
    const Op& op;
    Attributes attributes;
    int outputs;             ///< to be compared
    std::vector<int> padded; ///< 1: that input has padded rows

    Results run(Device& device, const std::vector<Shape>& shapes) const {
        Workbench<float> bench(device);
        Call<float> call;
        call.attributes = attributes;
        Shape out[kMaxOutputs];
        const auto make = [&](std::size_t i, unsigned seed) {
            return padded[i] ? bench.normal(shapes[i].rows, shapes[i].cols, seed)
                             : unpadded(bench, shapes[i].rows, shapes[i].cols, seed);
        };
        for (std::size_t i = 0; i < shapes.size(); ++i) call.in[i] = make(i, static_cast<unsigned>(i) + 1);
        for (int k = 0; k < op.states; ++k) call.state[k] = unpadded(bench, shapes[0].rows, 1, 20);
        op.shapes(attributes, shapes.data(), out);
        for (int k = 0; k < op.outputs; ++k) call.out[k] = bench.arena.matrix<float>(out[k].rows, out[k].cols);
        if (op.scratch) call.scratch = bench.filled(1, static_cast<int>(op.scratch(attributes, shapes.data())), 0).data;
        bench.stream.run(op, Direction::value, call);
        Results all;
        for (int k = 0; k < outputs; ++k) all.push_back(bench.get(call.out[k]));
        for (int k = 0; k < op.states; ++k) all.push_back(bench.get(call.state[k]));
        call.d_out[0] = bench.normal(out[0].rows, out[0].cols, 30);
        for (std::size_t i = 0; i < shapes.size(); ++i) call.d_in[i] = make(i, static_cast<unsigned>(i) + 40);
        call.accumulate = ~0U;
        bench.stream.run(op, Direction::vjp, call);
        for (std::size_t i = 0; i < shapes.size(); ++i) all.push_back(bench.get(call.d_in[i]));
        return all;
    }
};

/// The largest difference relative to the largest number of each matrix.
double worst_of(const Results& found, const Results& expected) {
    REQUIRE(found.size() == expected.size());
    double worst = 0;
    for (std::size_t i = 0; i < found.size(); ++i) {
        double scale = 1;
        for (const double v : expected[i]) scale = std::max(scale, std::abs(v));
        worst = std::max(worst, largest_difference(found[i], expected[i]) / scale);
    }
    return worst;
}

/// Output, gradients and running statistics of a training pass of videopose, in float64.
Results pass(Device& device) {
    const Estimator& estimator = find_estimator("videopose");
    Network<double> network(device, estimator.layout(24));
    network.initialise(3);
    Workbench<double> bench(device);
    Tape<double> tape(bench.stream, bench.arena);
    Scope<double> scope(tape, network,
                        {.train = true, .learn = true, .dropout = 0.25, .groups = 2, .key = {3, nullptr, 1}});
    const Var image = tape.variable(bench.normal(32, 2 * 19, 1, 0.3));
    const Var pose = estimator.forward(scope, image);
    tape.backward({{pose, bench.normal(48, 2 * 19, 2)}});
    Results all = {bench.get(tape.value(pose)), bench.get(tape.gradient(image))};
    for (const auto& values : {network.gradients(), network.save()})
        for (const auto& [name, array] : values) all.push_back(array);
    return all;
}

} // namespace

TEST_CASE("cuDNN is refused on the CPU and in a build without it, with what to do") {
    const std::string on_cpu = error_of([] { open_device({.kind = "cpu", .convolution = Convolution::cudnn}); });
    CHECK(contains(on_cpu, "cuDNN"));
    CHECK(contains(on_cpu, "--conv own"));
    if (why_no_cudnn()) CHECK(contains(on_cpu, why_no_cudnn()));
    else CHECK(contains(on_cpu, "CPU"));
    if (!why_no_cuda()) return;
    CHECK(contains(error_of([] { open_device({.convolution = Convolution::cudnn}); }), "--conv own"));
    CHECK(contains(error_of([] { open_device({.kind = "cuda", .convolution = Convolution::cudnn}); }), why_no_cuda()));
}

TEST_CASE("an op without code for a device is refused") {
    const auto cpu = open_device({.kind = "cpu", .threads = 1});
    Workbench<float> bench(*cpu);
    Tape<float> tape(bench.stream, bench.arena);
    const Var w = tape.constant(bench.normal(3, 4, 1)), x = tape.constant(bench.normal(4, 5, 2));
    CHECK(contains(error_of([&] { tape.apply(cudnn_convolution_op(), {w, x}); }), "no code for the device"));
}

TEST_CASE("a norm that cuDNN's op is not for is refused") {
    Shape in[3] = {{4, 10}, {4, 1}, {4, 1}}, out[3];
    const auto message = [&](const BatchNorm& p) {
        return error_of([&] { cudnn_batch_norm_op().shapes(Attributes::of(p), in, out); });
    };
    CHECK(message({.groups = 2}).empty());
    CHECK(out[1] == Shape{2, 4});
    CHECK(contains(message({.slope = 0}), "norm alone"));
    CHECK(contains(message({.train = 0}), "norm alone"));
    CHECK(contains(message({.dropout = {0.5, {}}}), "norm alone"));
    CHECK(contains(message({.groups = 3}), "do not divide"));
    CHECK(contains(message({.groups = 10}), "no variance"));
}

TEST_CASE("what follows a norm by cuDNN, op by op, is what our norm fuses") {
    const auto cpu = open_device({.kind = "cpu", .threads = 1});
    Workbench<double> bench(*cpu);
    Tape<double> tape(bench.stream, bench.arena);
    const Var x = tape.constant(bench.normal(6, 40, 1)), residual = tape.constant(bench.normal(6, 40, 2));
    const Var weight = tape.constant(bench.normal(6, 1, 3)), bias = tape.constant(bench.normal(6, 1, 4));
    const Dropout dropout{0.25, {3, nullptr, 1}};
    const auto norm = [&](const BatchNorm& p, Var added) {
        return tape.apply<BatchNorm>({x, weight, bias, {}, added}, p, {bench.filled(6, 1, 0), bench.filled(6, 1, 1)});
    };
    const Var fused = norm({.slope = 0.1, .groups = 2, .dropout = dropout}, residual);
    const Var active = tape.apply<BiasActivation>({norm({.groups = 2}, {})}, {0.1});
    const Var dropped = tape.apply<Dropout>({active}, dropout);
    const Var apart = tape.apply<BiasActivation>({dropped, {}, residual});
    CHECK(largest_difference(bench.get(tape.value(apart)), bench.get(tape.value(fused))) < 1e-12);
    CHECK(largest_difference(bench.get(tape.value(dropped)), bench.get(tape.value(active))) > 0.1);
}

TEST_CASE("cuDNN's convolution computes what our product does") {
    const auto gpu = gpu_with_cudnn();
    if (!gpu) return;
    for (const int batch : {1, 19, 64, 1024}) {
        const std::vector<Shape> shapes = {{48, 32}, {32, batch}};
        const auto expected = Trial{find_op("matmul"), {}, 1, {0, 1}}.run(*gpu, shapes);
        const auto found = Trial{cudnn_convolution_op(), {}, 1, {0, 1}}.run(*gpu, shapes);
        CHECK_MESSAGE(worst_of(found, expected) < 1e-5, "batch ", batch);
    }
}

TEST_CASE("cuDNN's batch norm computes what ours does") {
    const auto gpu = gpu_with_cudnn();
    if (!gpu) return;
    for (const int groups : {1, 2})
        for (const int width : {2, 19, 512}) {
            const Attributes attributes = Attributes::of(BatchNorm{.groups = groups});
            const std::vector<Shape> shapes = {{33, groups * width}, {33, 1}, {33, 1}};
            const auto expected = Trial{find_op("batch_norm"), attributes, 1, {1, 0, 0}}.run(*gpu, shapes);
            const auto found = Trial{cudnn_batch_norm_op(), attributes, 1, {1, 0, 0}}.run(*gpu, shapes);
            CHECK_MESSAGE(worst_of(found, expected) < 1e-5, groups, " groups of ", width);
        }
}

TEST_CASE("a training pass of videopose by cuDNN is one by our own ops") {
    const auto gpu = gpu_with_cudnn();
    if (!gpu) return;
    const auto own = open_device({.kind = "cuda"});
    CHECK(worst_of(pass(*gpu), pass(*own)) < 1e-9);
}
