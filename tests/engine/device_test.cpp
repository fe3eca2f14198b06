#include "engine/device.hpp"
#include "kernels/instructions.hpp"
#include "tests/workbench.hpp"

using namespace poseaug;
using test::contains;
using test::error_of;

TEST_CASE("a device is opened by its kind and says what it is") {
    const auto device = open_device({.kind = "cpu", .threads = 3});
    const std::string instructions(chosen_instructions().title);
    CHECK(device->name() == "CPU, 3 threads, " + instructions);
    CHECK(open_device({.kind = "cpu", .threads = 1})->name() == "CPU, 1 thread, " + instructions);
    CHECK(device->queue().pool->size() == 3);
    CHECK_FALSE(device->is_cuda());
    CHECK(open_device({.kind = "cpu"})->queue().pool->size() >= 1);
    CHECK(contains(error_of([] { open_device({.kind = "tpu"}); }), "'tpu' is none of auto, cpu, cuda"));
}

TEST_CASE("precisions have names") {
    for (const Precision precision : {Precision::float32, Precision::tf32, Precision::bf16})
        CHECK(find_precision(name_of(precision)) == precision);
    CHECK(contains(error_of([] { find_precision("fp8"); }), "'fp8' is none of float32, tf32, bf16"));
    CHECK(contains(open_device({.kind = "cpu", .precision = Precision::tf32})->name(), "rounded to tf32"));
}

TEST_CASE("device arrays hold what was uploaded, move, and refuse another length") {
    for (const auto& device : test::devices()) {
        DeviceArray<int> a(*device, std::vector<int>{1, 2, 3, 4});
        CHECK(a.download() == std::vector<int>{1, 2, 3, 4});
        CHECK(a.download(2) == std::vector<int>{1, 2});
        CHECK(contains(error_of([&] { a.upload({1, 2, 3}); }), "upload of 3 elements into an array of 4"));
        int* const data = a.data();
        DeviceArray<int> b = std::move(a);
        CHECK(b.data() == data);
        b.zero();
        CHECK(b.download() == std::vector<int>(4));
        CHECK(DeviceArray<int>(*device, 0).download().empty());
    }
}

TEST_CASE("memory nobody has is refused with a hint") {
    const auto device = open_device({.kind = "cpu", .threads = 1});
    CHECK(contains(error_of([&] { device->allocate(std::size_t{1} << 60); }), "out of memory"));
}
