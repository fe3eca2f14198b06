#include "data/import/test_set_import.hpp"

#include <fmt/format.h>

namespace poseaug {

const std::string& RunNames::next(const std::string& clip, std::int64_t frame) {
    if (name_.empty() || clip != clip_ || frame != frame_ + 1) {
        const int part = ++parts_[clip];
        name_ = part == 1 ? clip : fmt::format("{} part {}", clip, part);
    }
    clip_ = clip;
    frame_ = frame;
    return name_;
}

} // namespace poseaug
