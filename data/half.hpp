#pragma once
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

namespace poseaug {

/// Value of an IEEE 754 half-precision number given by its bits.
inline float half_to_float(std::uint16_t bits) {
    const int exponent = bits >> 10 & 0x1F, mantissa = bits & 0x3FF;
    float magnitude;
    if (exponent == 0x1F)
        magnitude = mantissa ? std::numeric_limits<float>::quiet_NaN() : std::numeric_limits<float>::infinity();
    else magnitude = exponent ? std::ldexp(float(mantissa + 1024), exponent - 25) : std::ldexp(float(mantissa), -24);
    return bits & 0x8000 ? -magnitude : magnitude;
}

/// Value of a bfloat16 number (the upper half of a float) given by its bits.
inline float bfloat16_to_float(std::uint16_t bits) { return std::bit_cast<float>(std::uint32_t(bits) << 16); }

/// Floats from 16-bit elements, each converted by `to_float`.
inline std::vector<std::byte> widen_elements(const std::vector<std::byte>& stored, float (*to_float)(std::uint16_t)) {
    std::vector<std::byte> result(stored.size() * 2);
    for (std::size_t i = 0; i < stored.size() / 2; ++i) {
        std::uint16_t bits;
        std::memcpy(&bits, stored.data() + 2 * i, sizeof bits);
        const float value = to_float(bits);
        std::memcpy(result.data() + 4 * i, &value, sizeof value);
    }
    return result;
}

} // namespace poseaug
