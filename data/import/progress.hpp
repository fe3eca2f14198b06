#pragma once
#include <cstdint>
#include <functional>

namespace poseaug {

/// Hears how many of how many parts of an import (clips, files) are done.
using ImportProgress = std::function<void(std::int64_t done, std::int64_t total)>;

} // namespace poseaug
