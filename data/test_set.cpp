#include "data/test_set.hpp"

#include "data/npz.hpp"
#include "data/staged_files.hpp"
#include "kernels/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>

namespace poseaug {
namespace {

namespace fs = std::filesystem;

constexpr double kFarthestMetres = 100;

Array read_plain(const fs::path& file, const std::string& name) {
    NpyContent content = read_npz_member(file, name);
    if (content.is_object)
        throw Error(fmt::format("{}: {} is an object array; expected a plain one.", file.string(), name));
    return std::move(content.array);
}

std::vector<float> finite_floats(const Array& array, std::int64_t columns, const std::string& where) {
    const auto& s = array.shape;
    if (array.type == ElementType::text || s.size() != 3 || s[1] != kJoints || s[2] != columns)
        throw Error(fmt::format("{} is {}; expected (poses, 16, {}).", where, array.describe(), columns));
    std::vector<float> values = array.floats();
    const auto bad = std::ranges::find_if(values, [](float v) { return !std::isfinite(v); });
    if (bad != values.end())
        throw Error(fmt::format("{} holds a value that is not a number (pose {}).", where,
                                (bad - values.begin()) / (kJoints * columns)));
    return values;
}

/// "test_3dpw.npz" -> "3DPW".
std::string set_name(const fs::path& file) {
    std::string name = file.stem().string();
    if (name.starts_with("test_")) name.erase(0, 5);
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return name;
}

/// A clip for each run of equal names.
std::vector<Clip> clips_of(const Array& sequence, std::int64_t poses, const std::string& subject,
                           const std::string& where) {
    if (sequence.type != ElementType::text || sequence.shape != std::vector<std::int64_t>{poses})
        throw Error(fmt::format("{} is {}; expected a text a pose, ({},).", where, sequence.describe(), poses));
    std::vector<Clip> clips;
    for (std::int64_t i = 0; i < poses; ++i) {
        const std::string& name = sequence.text[static_cast<std::size_t>(i)];
        if (clips.empty() || name != clips.back().action) clips.push_back({subject, name, 0, i, 0, true});
        ++clips.back().count;
    }
    return clips;
}

} // namespace

void write_test_set(const fs::path& folder, const std::string& name, const TestSet& set) {
    if (set.size() == 0) throw Error(fmt::format("There is no pose to write to test_{}.npz.", name));
    const std::string file = fmt::format("test_{}.npz", name);
    StagedFiles files(folder, {file});
    NpzWriter writer(files.path(file));
    writer.add("pose3d", Array::of({set.size(), kJoints, 3}, set.pose3d));
    writer.add("pose2d", Array::of({set.size(), kJoints, 2}, set.pose2d));
    if (!set.sequence.empty()) writer.add("sequence", Array::of({set.size()}, set.sequence));
    if (!set.annotation.empty()) writer.add("annotation", Array::of({1}, std::vector<std::string>{set.annotation}));
    writer.commit();
    files.deliver();
}

PoseSet load_test_set(const fs::path& file) {
    if (!fs::exists(file)) throw Error(fmt::format("{} does not exist.", file.string()));
    PoseSet set;
    set.joints = finite_floats(read_plain(file, "pose3d"), 3, file.string() + ": pose3d");
    set.image = finite_floats(read_plain(file, "pose2d"), 2, file.string() + ": pose2d");
    if (set.joints.size() / 3 != set.image.size() / 2)
        throw Error(fmt::format("{} has {} poses in pose3d but {} in pose2d.", file.string(), set.size(),
                                set.image.size() / (2 * kJoints)));
    if (set.size() == 0) throw Error(fmt::format("{} holds no pose.", file.string()));
    if (std::ranges::any_of(set.joints, [](float v) { return std::abs(v) > kFarthestMetres; }))
        throw Error(fmt::format("{}: pose3d holds coordinates beyond {} m; positions are in metres. Are these "
                                "millimetres?",
                                file.string(), kFarthestMetres));
    const std::string name = set_name(file);
    if (std::ranges::count(npz_members(file), "sequence"))
        set.clips = clips_of(read_plain(file, "sequence"), set.size(), name, file.string() + ": sequence");
    else set.clips.push_back({name, name, 0, 0, set.size(), false});
    return set;
}

std::string test_set_annotation(const fs::path& file) {
    if (!std::ranges::count(npz_members(file), "annotation")) return "";
    const Array array = read_plain(file, "annotation");
    if (array.type != ElementType::text || array.size() != 1)
        throw Error(fmt::format("{}: annotation is {}; expected one text.", file.string(), array.describe()));
    return array.text.front();
}

} // namespace poseaug
