#include "engine/rounding.hpp"

#include <bit>

namespace poseaug {

float rounded(float value, Precision precision) {
    constexpr std::uint32_t exponent = 0x7f800000U;
    if (precision == Precision::float32) return value;
    const auto bits = std::bit_cast<std::uint32_t>(value);
    if ((bits & exponent) == exponent) return value;
    const int dropped = precision == Precision::tf32 ? 13 : 16;
    const std::uint32_t half = (std::uint32_t{1} << (dropped - 1)) - 1, odd = bits >> dropped & 1U;
    return std::bit_cast<float>((bits + half + odd) >> dropped << dropped);
}

} // namespace poseaug
