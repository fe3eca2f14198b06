#include "app/description.hpp"
#include "data/npz.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace poseaug::app {

namespace {

/// What the clips of positions_3d or positions_2d add up to.
struct ClipCount {
    std::int64_t clips = 0, frames = 0;
    std::set<std::size_t> cameras;      ///< 2D: how many a clip has
    std::set<std::string> frame_shapes; ///< "16 x 2"
    std::vector<std::string> actions;

    void add(const Array& array) {
        if (array.shape.size() != 3) {
            frame_shapes.insert(array.describe());
            return;
        }
        frames += array.shape[0];
        frame_shapes.insert(fmt::format("{} x {}", array.shape[1], array.shape[2]));
    }
    void add(const std::string& action, const Value& clip) {
        ++clips;
        actions.push_back(action);
        if (const auto* cameras_of_clip = std::get_if<List>(&clip.data)) {
            cameras.insert(cameras_of_clip->size());
            for (const Value& view : *cameras_of_clip)
                if (view.is_array()) add(std::get<Array>(view.data));
        } else if (clip.is_array()) {
            add(std::get<Array>(clip.data));
        }
    }
};

std::string joined(const std::set<std::string>& texts) {
    std::string all;
    for (const auto& text : texts) all += (all.empty() ? "" : " or ") + text;
    return all.empty() ? "nothing" : all;
}

std::string name_of(const Value& key) { return key.is_text() ? std::get<std::string>(key.data) : key.describe(); }

ClipCount count_clips(const Dict& actions) {
    ClipCount count;
    for (const auto& [action, clip] : actions) count.add(name_of(action), clip);
    return count;
}

/// A pickled dict of subjects, each a dict of actions; other values as they are.
void describe_dict(Description& d, nlohmann::json& json, const Dict& dict) {
    for (const auto& [key, value] : dict) {
        const std::string name = name_of(key);
        if (!value.is_dict()) {
            d.text += fmt::format("    {}: {}\n", name, value.describe());
            json[name] = value.describe();
            continue;
        }
        const ClipCount count = count_clips(std::get<Dict>(value.data));
        const std::string cameras =
            count.cameras.empty() ? "" : fmt::format(" (all of {} cameras)", *count.cameras.rbegin());
        d.text += fmt::format("    {}: {} clips, {} frames{}, each {}\n", name, count.clips, count.frames, cameras,
                              joined(count.frame_shapes));
        json[name] = {{"clips", count.clips},
                      {"frames", count.frames},
                      {"frame", joined(count.frame_shapes)},
                      {"actions", count.actions}};
        if (!count.cameras.empty()) json[name]["cameras"] = *count.cameras.rbegin();
    }
}

void describe_member(Description& d, const std::string& name, const NpyContent& content) {
    const std::string shown = name.empty() ? "(array)" : name;
    nlohmann::json json;
    if (!content.is_object) {
        d.text += fmt::format("  {}: {}\n", shown, content.array.describe());
        json = {{"is", content.array.describe()}, {"shape", content.array.shape}};
    } else if (content.objects.size() == 1) {
        const Value& value = content.objects.front();
        d.text += fmt::format("  {}: pickled, {}\n", shown, value.describe());
        json["is"] = value.describe();
        if (value.is_dict()) describe_dict(d, json["holds"], std::get<Dict>(value.data));
    } else {
        json["is"] =
            fmt::format("{} pickled objects, shape {}", content.objects.size(), describe_shape(content.object_shape));
        d.text += fmt::format("  {}: {}\n", shown, json["is"].get<std::string>());
    }
    d.json["members"][shown] = json;
}

} // namespace

Description describe_arrays(const std::filesystem::path& file) {
    const std::vector<std::string> members = npz_members(file);
    Description d{fmt::format("{}: {}\n", file.string(),
                              members == std::vector<std::string>{""}
                                  ? "one array"
                                  : fmt::format("{} {}", members.size(), members.size() == 1 ? "member" : "members")),
                  {{"kind", "arrays"}}};
    for (const std::string& member : members) describe_member(d, member, read_npz_member(file, member));
    return d;
}

} // namespace poseaug::app
