#pragma once
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <numbers>

namespace poseaug {

/// A stream of random numbers named by a key (seed, purpose, clip ...): streams can be drawn in any order, on any
/// thread, and come out the same. SplitMix64, and distributions written out, because those of the standard library
/// differ from one library to the next.
class SynthRandom {
public:
    explicit SynthRandom(std::initializer_list<std::uint64_t> key) {
        for (const std::uint64_t part : key) {
            state_ ^= part;
            state_ = bits();
        }
    }

    std::uint64_t bits() {
        std::uint64_t z = state_ += 0x9e3779b97f4a7c15u;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        return z ^ (z >> 31);
    }

    /// In [0, 1).
    double uniform() { return static_cast<double>(bits() >> 11) * 0x1p-53; }
    double uniform(double low, double high) { return low + (high - low) * uniform(); }
    /// In 0 .. count - 1.
    std::size_t below(std::size_t count) { return static_cast<std::size_t>(uniform() * static_cast<double>(count)); }
    bool chance(double probability) { return uniform() < probability; }

    /// Standard normal (Box-Muller, both values used).
    double normal() {
        if (has_spare_) {
            has_spare_ = false;
            return spare_;
        }
        const double radius = std::sqrt(-2 * std::log(1 - uniform())), angle = 2 * std::numbers::pi * uniform();
        spare_ = radius * std::sin(angle);
        has_spare_ = true;
        return radius * std::cos(angle);
    }

private:
    std::uint64_t state_ = 0;
    double spare_ = 0;
    bool has_spare_ = false;
};

} // namespace poseaug
