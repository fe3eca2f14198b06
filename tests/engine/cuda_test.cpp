#include "engine/stream.hpp"
#include "kernels/step/procedures.hpp"
#include "kernels/step/shuffle.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace poseaug;

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

TEST_CASE("on a GPU a recorded step is repeated by its graph") {
    if (why_no_cuda()) return;
    const auto gpu = open_device({.kind = "cuda", .threads = 1});
    DeviceArray<StepState> state(*gpu, std::vector<StepState>(1));
    Stream<float> stream(*gpu);
    Call<float> call;
    call.attributes = Attributes::of(EndStep{nullptr, nullptr, state.data()});
    auto plan = stream.record([&] { stream.run(end_step_procedure(), call); });
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
