#pragma once
#include "docs/generator/figures.hpp"

#include <map>
#include <string>

namespace poseaug::pages {

/// The line that tells a generated page.
inline constexpr std::string_view kMark = "<!-- Written by poseaug_kernel_pages; change the kernel's own text instead. -->";

/// A page for every op and procedure of the registry, and README.md, which lists them: text by file name. Throws Error
/// if one of them lacks what its page must say.
std::map<std::string, std::string> kernel_pages(const Figures& figures);

} // namespace poseaug::pages
