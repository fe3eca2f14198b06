#pragma once
#include <string>
#include <vector>

namespace poseaug::bench {

/// Cells in columns as wide as they need to be, `gap` spaces between them: the first `left` columns begin at the left,
/// the others, numbers, end at the right. A line a row; no line ends in spaces.
std::string text_columns(const std::vector<std::vector<std::string>>& rows, std::size_t left = 1, std::size_t gap = 2);

/// A duration in the unit that suits it, with four digits: "403.3 us".
std::string time_text(double seconds);

/// A number with digits that suit its size: "1234", "12.3", "0.12".
std::string number_text(double value);

} // namespace poseaug::bench
