#include "docs/generator/numbers.hpp"

#include <fmt/format.h>

#include <cmath>

namespace poseaug::pages {

namespace {

/// Three digits of a number, without a point where they are whole.
std::string three_digits(double n) {
    const int before_point = n < 1 ? 0 : static_cast<int>(std::floor(std::log10(n))) + 1;
    const double unit = std::pow(10, before_point - 3), rounded = std::round(n / unit) * unit;
    return fmt::format("{:.{}f}", rounded, rounded == std::round(rounded) || before_point > 2 ? 0 : 3 - before_point);
}

struct Unit {
    double size;
    const char* name;
};

} // namespace

std::string count(double n) {
    for (const Unit unit : {Unit{1e12, " T"}, Unit{1e9, " G"}, Unit{1e6, " M"}, Unit{1e4, " k"}})
        if (n >= unit.size) return three_digits(n / (unit.size == 1e4 ? 1e3 : unit.size)) + unit.name;
    return n == std::round(n) ? fmt::format("{:.0f}", n) : three_digits(n);
}

std::string ratio(double r) { return r < 10 ? fmt::format("{:.2g}", r) : fmt::format("{:.0f}", r); }

std::string power_of_ten(double p) { return fmt::format("1e{}", static_cast<int>(std::round(std::log10(p)))); }

std::string duration(double seconds) {
    for (const Unit unit : {Unit{1, " s"}, Unit{1e-3, " ms"}, Unit{1e-6, " us"}})
        if (seconds >= unit.size) return three_digits(seconds / unit.size) + unit.name;
    return three_digits(seconds / 1e-9) + " ns";
}

} // namespace poseaug::pages
