#include "kernels/step/shuffle.hpp"
#include "tests/workbench.hpp"

#include <algorithm>
#include <map>
#include <numeric>

using namespace poseaug;

namespace {

std::vector<std::int32_t> permutation(Device& device, std::int64_t n, const RandomKey& key) {
    DeviceArray<std::int32_t> order(device, n);
    DeviceArray<std::byte> scratch(device, static_cast<std::int64_t>(permutation_scratch(device.queue(), n)));
    random_permutation(device.queue(), key, order.data(), n, scratch.data());
    return order.download();
}

} // namespace

TEST_CASE("a random permutation holds every index once and differs by stream, seed and epoch") {
    for (const auto& device : test::devices())
        for (const std::int64_t n : {1, 2, 1000, 70'000}) {
            auto order = permutation(*device, n, {1, nullptr, 2});
            CHECK(permutation(*device, n, {1, nullptr, 2}) == order);
            if (n > 100) {
                CHECK(permutation(*device, n, {1, nullptr, 3}) != order);
                CHECK(permutation(*device, n, {2, nullptr, 2}) != order);
                CHECK_FALSE(std::is_sorted(order.begin(), order.end()));
            }
            std::sort(order.begin(), order.end());
            std::vector<std::int32_t> all(static_cast<std::size_t>(n));
            std::iota(all.begin(), all.end(), 0);
            CHECK(order == all);
        }
}

TEST_CASE("every order of four is as likely") {
    const auto device = open_device({.kind = "cpu", .threads = 1});
    std::map<std::vector<std::int32_t>, int> seen;
    constexpr int draws = 24'000;
    for (int i = 0; i < draws; ++i) ++seen[permutation(*device, 4, {7, nullptr, static_cast<std::uint32_t>(i)})];
    CHECK(seen.size() == 24);
    double chi_square = 0;
    for (const auto& [order, count] : seen) chi_square += (count - 1000.0) * (count - 1000.0) / 1000.0;
    CHECK(chi_square < 60); // 23 degrees of freedom: one in 20,000
}

TEST_CASE("random choices are even and within the limit") {
    for (const auto& device : test::devices()) {
        constexpr int n = 50'000, limit = 5;
        DeviceArray<std::int32_t> choice(*device, n);
        random_choice(device->queue(), {1, nullptr, 2}, choice.data(), n, limit);
        std::vector<int> count(limit);
        for (const std::int32_t c : choice.download()) ++count.at(static_cast<std::size_t>(c));
        for (const int c : count) CHECK(std::abs(c - n / limit) < 5 * std::sqrt(n / 5.0));
    }
}
