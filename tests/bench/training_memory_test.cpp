#include "bench/training_memory.hpp"

#include <doctest/doctest.h>

using namespace poseaug;
using namespace poseaug::bench;

namespace {

/// The address sanitizer keeps what is freed.
#ifdef __SANITIZE_ADDRESS__
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

} // namespace

TEST_CASE("a training's memory is counted: all networks, both moments, a step's activations") {
    const Estimator& mlp = find_estimator("mlp");
    const TrainingMemory some = count_training_memory(mlp, 64), more = count_training_memory(mlp, 256);
    // 4.3 million parameters of the estimator, 2.3 million of the others
    CHECK(some.parameters > 26e6);
    CHECK(some.parameters < 27e6);
    CHECK(some.moments == doctest::Approx(2 * some.parameters).epsilon(0.01)); // running statistics have none
    CHECK(more.parameters == some.parameters);
    CHECK(more.activations > 3 * some.activations);
    CHECK(more.activations < 4.2 * some.activations);
    CHECK(some.data == 0);
    CHECK(some.peak == 0);
}

TEST_CASE("a training's peak memory is measured, and all that it needs is part of it") {
    const auto device = open_device({.kind = "cpu", .threads = 2});
    const TrainingMemory memory = measure_training_memory(*device, find_estimator("mlp"), 256, 2800);
    CHECK(memory.data > 2800 * 300);
    CHECK(memory.data < 2 * 2800 * 400);
    CHECK(memory.peak > memory.base());
    // and not much more: gradients, copies for checkpoints, BLAS's buffers and the program itself come to 200 MB
    if (!kSanitized) CHECK(memory.peak < memory.base() + memory.made + 300e6);
    CHECK(memory.made > 2 * 1000 * 320); // training poses are a part of the 2800
    CHECK(memory.made < 2 * 2800 * 320);
}
