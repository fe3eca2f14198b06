#pragma once
#include "kernels/elementary.hpp"

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

POSEAUG_HD inline PhiloxBlock philox_round(const PhiloxBlock& c, std::uint32_t key0, std::uint32_t key1) {
    const std::uint64_t p0 = 0xD2511F53ULL * c.word[0], p1 = 0xCD9E8D57ULL * c.word[2];
    return {{static_cast<std::uint32_t>(p1 >> 32) ^ c.word[1] ^ key0, static_cast<std::uint32_t>(p1),
             static_cast<std::uint32_t>(p0 >> 32) ^ c.word[3] ^ key1, static_cast<std::uint32_t>(p0)}};
}
POSEAUG_HD inline void next_philox_key(std::uint32_t& key0, std::uint32_t& key1) {
    key0 += 0x9E3779B9U;
    key1 += 0xBB67AE85U;
}

/// Philox4x32-10 (Salmon et al., Parallel Random Numbers: As Easy as 1, 2, 3, SC 2011): a keyed bijection of counters,
/// so that any element of a random tensor is computed on its own, on any device, in any order.
POSEAUG_HD inline PhiloxBlock philox(PhiloxBlock c, std::uint32_t key0, std::uint32_t key1) {
    for (int round = 0; round < 10; ++round) {
        c = philox_round(c, key0, key1);
        next_philox_key(key0, key1);
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

/// `kPhiloxRun` blocks of consecutive x, one after the other: block(first_x + k, y) is words[4k..4k+3]. All blocks go
/// through a round before any goes through the next, which compilers turn into SIMD: 2.6 ns a block instead of 12.
inline constexpr int kPhiloxRun = 64;
inline void philox_run(const RandomKey& key, std::uint32_t first_x, std::uint32_t y, std::uint32_t* __restrict words) {
    const std::uint64_t step = key.state ? key.state->counter : 0;
    auto key0 = static_cast<std::uint32_t>(key.seed);
    std::uint32_t key1 = static_cast<std::uint32_t>(key.seed >> 32) ^ (static_cast<std::uint32_t>(step >> 32) << 12);
    std::uint32_t word[4][kPhiloxRun];
    for (std::uint32_t k = 0; k < kPhiloxRun; ++k) {
        word[0][k] = first_x + k;
        word[1][k] = y;
        word[2][k] = static_cast<std::uint32_t>(step);
        word[3][k] = key.stream;
    }
    for (int round = 0; round < 10; ++round) {
        for (int k = 0; k < kPhiloxRun; ++k) {
            const PhiloxBlock b = philox_round({{word[0][k], word[1][k], word[2][k], word[3][k]}}, key0, key1);
            for (int w = 0; w < 4; ++w) word[w][k] = b.word[w];
        }
        next_philox_key(key0, key1);
    }
    for (int k = 0; k < kPhiloxRun; ++k)
        for (int w = 0; w < 4; ++w) words[4 * k + w] = word[w][k];
}

/// Uniform in [0, 1) with 24 random bits, exact in float.
POSEAUG_HD inline float uniform24(std::uint32_t word) { return static_cast<float>(word >> 8) * 0x1p-24F; }

/// The same, but half a step higher: in (0, 1], never zero.
POSEAUG_HD inline float positive_uniform24(std::uint32_t word) {
    return (static_cast<float>(word >> 8) + 0.5F) * 0x1p-24F;
}

/// Two standard normal draws (Box and Muller 1958), from uniform ones: u in (0, 1], v in [0, 1).
template <class T> POSEAUG_HD void normal_pair(const T& u, const T& v, T& first, T& second) {
    using std::sqrt;
    const T radius = sqrt(lit<T>(-2) * log_of(u));
    const auto at = sin_cos(lit<T>(6.283185307) * v);
    first = radius * at.cos;
    second = radius * at.sin;
}

/// Four standard normal draws of a block's words.
POSEAUG_HD inline void normal_draws(const PhiloxBlock& block, float (&draw)[4]) {
    for (int k = 0; k < 4; k += 2)
        normal_pair(positive_uniform24(block.word[k]), uniform24(block.word[k + 1]), draw[k], draw[k + 1]);
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
