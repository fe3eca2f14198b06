#include "bench/text_columns.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace poseaug::bench {

std::string text_columns(const std::vector<std::vector<std::string>>& rows, std::size_t left, std::size_t gap) {
    std::vector<std::size_t> widths;
    for (const auto& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], row[c].size());
    }
    std::string text;
    for (const auto& row : rows) {
        std::string line;
        for (std::size_t c = 0; c < row.size(); ++c) {
            if (c > 0) line.append(gap, ' ');
            line += c < left ? fmt::format("{:<{}}", row[c], widths[c]) : fmt::format("{:>{}}", row[c], widths[c]);
        }
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + "\n";
    }
    return text;
}

std::string time_text(double seconds) {
    if (seconds < 1e-6) return fmt::format("{:.4g} ns", seconds * 1e9);
    if (seconds < 1e-3) return fmt::format("{:.4g} us", seconds * 1e6);
    if (seconds < 1) return fmt::format("{:.4g} ms", seconds * 1e3);
    return fmt::format("{:.4g} s", seconds);
}

std::string number_text(double value) {
    if (value >= 100) return fmt::format("{:.0f}", value);
    return value >= 1 ? fmt::format("{:.1f}", value) : fmt::format("{:.2g}", value);
}

} // namespace poseaug::bench
