#include "app/pose_files.hpp"

#include "data/npz.hpp"
#include "kernels/error.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

namespace poseaug::app {

using std::filesystem::path;

Array read_numbers(const path& file, const std::string& name) {
    NpyContent content = read_npz_member(file, name);
    if (content.is_object || content.array.type == ElementType::text)
        throw Error(fmt::format("{}: {} is {}; expected numbers", file.string(), name,
                                content.is_object ? "an object array" : content.array.describe()));
    const std::vector<float> values = content.array.floats();
    const auto bad = std::ranges::find_if(values, [](float v) { return !std::isfinite(v); });
    if (bad != values.end())
        throw Error(fmt::format("{}: {} holds a value that is not finite (element {})", file.string(), name,
                                bad - values.begin()));
    return std::move(content.array);
}

PoseArray read_poses(const path& file, const std::string& name, const std::vector<std::int64_t>& joints,
                     std::int64_t columns) {
    const Array array = read_numbers(file, name);
    const auto& shape = array.shape;
    if (shape.size() != 3 || std::ranges::find(joints, shape[1]) == joints.end() || shape[2] != columns)
        throw Error(fmt::format("{}: {} is {}; expected (poses, {}, {})", file.string(), name, array.describe(),
                                fmt::join(joints, " or "), columns));
    if (shape[0] < 1) throw Error(fmt::format("{}: {} holds no pose", file.string(), name));
    return {array.floats(), shape[0], shape[1]};
}

bool has_member(const path& file, const std::string& name) { return std::ranges::count(npz_members(file), name) > 0; }

} // namespace poseaug::app
