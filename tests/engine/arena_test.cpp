#include "engine/arena.hpp"
#include "tests/workbench.hpp"

using namespace poseaug;

TEST_CASE("an arena gives the same addresses after a rewind, and keeps its memory") {
    for (const auto& device : test::devices()) {
        Arena arena(*device, 4096);
        const auto ask = [&] {
            std::vector<void*> addresses;
            for (const std::size_t bytes : {1, 256, 3000, 2000, 10'000, 8, 0})
                addresses.push_back(arena.allocate(bytes));
            return addresses;
        };
        const auto first = ask();
        const std::size_t capacity = arena.capacity();
        arena.rewind();
        CHECK(ask() == first);
        CHECK(arena.capacity() == capacity);
        CHECK(capacity >= 1 + 256 + 3000 + 2000 + 10'000);
        for (void* address : first) CHECK(reinterpret_cast<std::uintptr_t>(address) % 256 == 0);
        for (std::size_t i = 0; i < first.size(); ++i)
            for (std::size_t k = 0; k < i; ++k) CHECK(first[i] != first[k]);
    }
}

TEST_CASE("little tensors fill the gaps that large ones leave") {
    const auto device = open_device({.kind = "cpu", .threads = 1});
    Arena arena(*device, 4096);
    const auto ask = [&] {
        std::vector<std::byte*> addresses;
        for (const std::size_t bytes : {3072, 3072, 1024, 1024}) // two blocks, each filled up
            addresses.push_back(static_cast<std::byte*>(arena.allocate(bytes)));
        return addresses;
    };
    const auto first = ask();
    CHECK(arena.capacity() == 2 * 4096);
    CHECK(first[2] == first[0] + 3072);
    CHECK(first[3] == first[1] + 3072);
    arena.rewind();
    CHECK(ask() == first);
}

TEST_CASE("an arena's matrices have rows of whole 128 bytes, zero at first") {
    const auto device = open_device({.kind = "cpu", .threads = 1});
    Arena arena(*device, 4096);
    const auto single = arena.matrix<float>(3, 33);
    CHECK(single.stride == 64);
    CHECK(arena.matrix<double>(3, 33).stride == 48);
    for (int c = 0; c < 64; ++c) CHECK(single.row(2)[c] == 0);
}

TEST_CASE("many rows do not lie whole pages apart on a CPU, few do") {
    constexpr int cols = 1024, page = 4096;
    for (const auto& device : test::devices()) {
        Arena arena(*device);
        const auto apart = [&](int rows) {
            return arena.matrix<float>(rows, cols).stride * std::int64_t{sizeof(float)};
        };
        CHECK(apart(48) == page);
        CHECK(apart(128) == (device->is_cuda() ? page : page + kRowAlignment));
        CHECK(arena.matrix<double>(128, 1000).stride == 1008); // no whole pages anyway
    }
}

TEST_CASE("an arena knows the most that a step asked for, gaps left out") {
    const auto device = open_device({.kind = "cpu", .threads = 1});
    Arena arena(*device, 4096);
    for (const std::size_t bytes : {2560, 2560, 100}) arena.allocate(bytes); // a block each of the large ones
    CHECK(arena.most_used() == 2560 + 2560 + 256);
    CHECK(arena.capacity() == 2 * 4096);
    arena.rewind();
    arena.allocate(256);
    CHECK(arena.most_used() == 2560 + 2560 + 256);
}
