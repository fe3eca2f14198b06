#pragma once
#include "bench/results.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace poseaug::pages {

/// The first line of a generated page.
inline constexpr std::string_view kMark =
    "<!-- Written by poseaug_kernel_pages. To change it, change the kernel's own text. -->";

/// A page for every op and procedure there is, and README.md, which lists them: text by file name. Throws Error if a
/// kernel lacks what its page must say.
std::map<std::string, std::string> kernel_pages(const std::optional<bench::BenchResults>& figures);

} // namespace poseaug::pages
