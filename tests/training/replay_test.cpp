#include "tests/workbench.hpp"
#include "training/replay.hpp"

using namespace poseaug;

TEST_CASE("a replay pool holds no more fakes than slots can be drawn") {
    const auto device = open_device({.kind = "cpu", .threads = 1});
    CHECK(Replay<float>(*device, 3, 48).items().size() == 144);
    for (const std::int64_t capacity : {std::int64_t{0}, kMaxPoolCapacity + 1, std::int64_t{1} << 33})
        CHECK(
            test::contains(test::error_of([&] { Replay<float>(*device, capacity, 48); }), "it can hold 1 to 16777216"));
}
