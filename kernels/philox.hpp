#pragma once
#include "kernels/scalar.hpp"

#include <cstdint>

namespace poseaug {

/// Where in its random sequence a step stands, and which batch of an epoch's order it takes. Lives in device memory, so
/// that a recorded step draws anew at every replay.
struct StepState {
    std::uint64_t counter = 0; ///< steps so far: half of the random counter
    std::int32_t batch = 0;    ///< batch of the current pass over the data
    std::int32_t unused = 0;
};

/// Four independent 32-bit words.
struct PhiloxBlock {
    std::uint32_t word[4];
};

/// Philox4x32-10 (Salmon et al., Parallel Random Numbers: As Easy as 1, 2, 3, SC 2011): a keyed bijection of counters,
/// so that any element of a random tensor is computed on its own, on any device, in any order.
POSEAUG_HD inline PhiloxBlock philox(PhiloxBlock c, std::uint32_t key0, std::uint32_t key1) {
    for (int round = 0; round < 10; ++round) {
        const std::uint64_t p0 = 0xD2511F53ULL * c.word[0], p1 = 0xCD9E8D57ULL * c.word[2];
        c = {{static_cast<std::uint32_t>(p1 >> 32) ^ c.word[1] ^ key0, static_cast<std::uint32_t>(p1),
              static_cast<std::uint32_t>(p0 >> 32) ^ c.word[3] ^ key1, static_cast<std::uint32_t>(p0)}};
        key0 += 0x9E3779B9U;
        key1 += 0xBB67AE85U;
    }
    return c;
}

/// Identifies one random tensor: a seed, a stream (which tensor of a step), and the step.
struct RandomKey {
    std::uint64_t seed = 0;
    const StepState* state = nullptr; ///< in device memory; null: step 0
    std::uint32_t stream = 0;

    POSEAUG_HD PhiloxBlock block(std::uint32_t x, std::uint32_t y) const {
        const std::uint64_t step = state ? state->counter : 0;
        // 2^20 steps' worth of the counter's high bits go with the key: 2^52 steps in all before a sequence repeats
        return philox({{x, y, static_cast<std::uint32_t>(step), stream}}, static_cast<std::uint32_t>(seed),
                      static_cast<std::uint32_t>(seed >> 32) ^ (static_cast<std::uint32_t>(step >> 32) << 12));
    }
};

/// `kPhiloxRun` blocks of consecutive x, one after the other: block(first_x + k, y) is words[4k..4k+3]. In a form that
/// compilers turn into SIMD: 3.4 ns a block instead of 12.
inline constexpr int kPhiloxRun = 64;
inline void philox_run(const RandomKey& key, std::uint32_t first_x, std::uint32_t y, std::uint32_t* __restrict words) {
    const std::uint64_t step = key.state ? key.state->counter : 0;
    const auto key0 = static_cast<std::uint32_t>(key.seed);
    const auto key1 = static_cast<std::uint32_t>(key.seed >> 32) ^ (static_cast<std::uint32_t>(step >> 32) << 12);
    std::uint32_t word[4][kPhiloxRun];
    for (std::uint32_t k = 0; k < kPhiloxRun; ++k) {
        const PhiloxBlock b = philox({{first_x + k, y, static_cast<std::uint32_t>(step), key.stream}}, key0, key1);
        for (int w = 0; w < 4; ++w) word[w][k] = b.word[w];
    }
    for (int k = 0; k < kPhiloxRun; ++k)
        for (int w = 0; w < 4; ++w) words[4 * k + w] = word[w][k];
}

/// Uniform in [0, 1) with 24 random bits, exact in float.
POSEAUG_HD inline float uniform24(std::uint32_t word) { return static_cast<float>(word >> 8) * 0x1p-24F; }

/// Two standard normal draws (Box and Muller 1958) of two words.
POSEAUG_HD inline void normal_pair(std::uint32_t a, std::uint32_t b, float& first, float& second) {
    using std::cos;
    using std::log;
    using std::sin;
    using std::sqrt;
    const float radius = sqrt(-2.0F * log((static_cast<float>(a >> 8) + 0.5F) * 0x1p-24F));
    const float angle = 6.283185307F * uniform24(b);
    first = radius * cos(angle);
    second = radius * sin(angle);
}

/// Dropout keeps an element where 16 random bits reach this, so that the true rate is threshold / 65536.
POSEAUG_HD inline std::uint32_t dropout_threshold(double rate) {
    return static_cast<std::uint32_t>(rate * 65536.0 + 0.5);
}

/// The random bits of element (row, col) of a dropout mask: eight columns share a block.
POSEAUG_HD inline std::uint32_t dropout_bits(const PhiloxBlock& block, int col) {
    return block.word[(col >> 1) & 3] >> (16 * (col & 1)) & 0xFFFFU;
}

} // namespace poseaug
