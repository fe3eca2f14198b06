#include "kernels/philox.hpp"

#include <doctest/doctest.h>

#include <set>
#include <vector>

using namespace poseaug;

namespace {

std::vector<std::uint32_t> words(const PhiloxBlock& block) { return {block.word, block.word + 4}; }

} // namespace

// the vectors published with Random123, the generator's first implementation
TEST_CASE("Philox4x32-10 known answers") {
    CHECK(words(philox({{0, 0, 0, 0}}, 0, 0)) ==
          std::vector<std::uint32_t>{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
    constexpr std::uint32_t ones = 0xffffffff;
    CHECK(words(philox({{ones, ones, ones, ones}}, ones, ones)) ==
          std::vector<std::uint32_t>{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
    CHECK(words(philox({{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}}, 0xa4093822, 0x299f31d0)) ==
          std::vector<std::uint32_t>{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("every part of a random key counts") {
    StepState state{5, 0, 0}, later{6, 0, 0}, far{5 + (1ULL << 32), 0, 0};
    std::set<std::vector<std::uint32_t>> seen;
    for (const RandomKey& key : {RandomKey{1, &state, 2},
                                 {2, &state, 2},
                                 {1 + (1ULL << 32), &state, 2},
                                 {1, &later, 2},
                                 {1, &far, 2},
                                 {1, nullptr, 2},
                                 {1, &state, 3}})
        for (const std::uint32_t x : {0U, 1U})
            for (const std::uint32_t y : {0U, 1U}) CHECK(seen.insert(words(key.block(x, y))).second);
    state.batch = 9; // which batch a step takes is no part of it
    CHECK_FALSE(seen.insert(words(RandomKey{1, &state, 2}.block(0, 0))).second);
}

TEST_CASE("the ends of the uniform and the normal draws") {
    CHECK(uniform24(0) == 0.0F);
    CHECK(uniform24(0xffffffff) < 1.0F);
    float draw[4];
    normal_draws({{0, 0, 0xffffffff, 0}}, draw);
    CHECK(draw[0] == doctest::Approx(5.89).epsilon(0.01)); // the largest there is
    CHECK(draw[1] == 0.0F);
    CHECK(std::isfinite(draw[2]));
    CHECK(draw[2] < 1e-3F);
}

TEST_CASE("dropout's threshold and its sixteen bits for each of eight columns") {
    CHECK(dropout_threshold(0.0) == 0);
    CHECK(dropout_threshold(0.25) == 16384);
    CHECK(dropout_threshold(1.0) == 65536);
    const PhiloxBlock block{{0x22221111, 0x44443333, 0x66665555, 0x88887777}};
    for (std::uint32_t c = 0; c < 8; ++c) CHECK(dropout_bits(block, static_cast<int>(c)) == 0x1111 * (c + 1));
    CHECK(dropout_bits(block, 9) == 0x2222);
}
