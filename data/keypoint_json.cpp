#include "data/keypoint_json.hpp"

#include "data/keypoint_readers.hpp"
#include "kernels/error.hpp"

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <limits>

namespace poseaug {

using nlohmann::json;

namespace {

std::string read_text(const std::filesystem::path& file) {
    if (!std::filesystem::is_regular_file(file)) throw Error(file.string() + ": is not a regular file");
    std::ifstream stream(file, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(stream), {}};
    if (!stream) throw Error(file.string() + ": cannot be read");
    return text;
}

const json& list(const json& value, const std::string& where) {
    if (!value.is_array()) throw Error(fmt::format("{}: is {}; expected a list", where, value.type_name()));
    return value;
}

/// null, which some writers make of NaN, is NaN.
double number(const json& value, const std::string& where) {
    if (value.is_null()) return std::numeric_limits<double>::quiet_NaN();
    if (!value.is_number()) throw Error(fmt::format("{}: holds a {} among its numbers", where, value.type_name()));
    return value.get<double>();
}

bool is_list_of(const json& value, bool (*is_such)(const json&)) {
    return value.is_array() && !value.empty() && is_such(value.front());
}

bool has(const json& value, const char* name) { return value.is_object() && value.contains(name); }

bool is_instance(const json& value) { return has(value, "keypoints") && !has(value, "image_id"); }
bool is_result(const json& value) { return has(value, "keypoints") && has(value, "image_id"); }
bool is_numbered_frame(const json& value) { return has(value, "instances"); }
bool is_list(const json& value) { return value.is_array(); }

/// MMPose writes lists of one around what belongs to one instance in some of its versions.
const json& without_batch(const json& value, bool points) {
    const bool batch = value.is_array() && value.size() == 1 && value.front().is_array() &&
                       (!points || (!value.front().empty() && value.front().front().is_array()));
    return batch ? value.front() : value;
}

/// An instance of MMPose: `keypoints` of (x, y) or (x, y, score), and `keypoint_scores`.
Person person_of_instance(const json& instance, const std::string& where) {
    const json& points = list(without_batch(json_member(instance, "keypoints", where), true), where + ", keypoints");
    const bool scored = has(instance, "keypoint_scores");
    const json scores = scored ? without_batch(instance["keypoint_scores"], false) : json::array();
    if (scored && list(scores, where + ", keypoint_scores").size() != points.size())
        throw Error(fmt::format("{}: has {} keypoints but {} keypoint_scores", where, points.size(), scores.size()));
    Person person;
    for (std::size_t k = 0; k < points.size(); ++k) {
        const std::string name = fmt::format("{}, keypoint {}", where, k);
        const json& point = list(points[k], name);
        if (point.size() != 2 && point.size() != 3)
            throw Error(fmt::format("{}: has {} numbers; expected x, y and perhaps a score", name, point.size()));
        const bool has_own_score = point.size() == 3;
        const double score = scored ? number(scores[k], name) : has_own_score ? number(point[2], name) : 1;
        person.push_back({number(point[0], name), number(point[1], name), score});
    }
    return person;
}

std::vector<Person> people_of_instances(const json& instances, const std::string& where) {
    std::vector<Person> people;
    for (const json& instance : list(instances, where))
        people.push_back(person_of_instance(instance, fmt::format("{}, instance {}", where, people.size())));
    return people;
}

std::vector<Person> people_of_openpose(const json& people, const std::string& where) {
    std::vector<Person> found;
    for (const json& person : list(people, where + ", people")) {
        const std::string name = fmt::format("{}, people[{}]", where, found.size());
        const char* key = has(person, "pose_keypoints") ? "pose_keypoints" : "pose_keypoints_2d";
        found.push_back(person_of_triples(json_member(person, key, name), name));
    }
    return found;
}

/// What `meta_info` says of the layout. Names of other data sets leave it to the number of keypoints.
std::string mmpose_layout(const json& content) {
    if (!has(content, "meta_info") || !has(content["meta_info"], "dataset_name")) return "";
    const auto& name = content["meta_info"]["dataset_name"];
    return name == "h36m" || name == "coco" ? name.get<std::string>() : "";
}

/// MMPose's frames: a list a frame of instances, or of objects that number the frame.
void read_mmpose_video(const json& list_of_frames, KeypointFrames& frames) {
    if (!frames.begin_sequence(name_of_source(frames.source()), true)) return;
    std::size_t index = 0;
    for (const json& frame : list_of_frames) {
        const std::string where = fmt::format("{}: frame {}", frames.source().string(), index);
        const bool numbered = has(frame, "frame_id");
        if (numbered && !frame["frame_id"].is_number_integer()) throw Error(where + ": its frame_id is no number");
        const json& instances = frame.is_array() ? frame : json_member(frame, "instances", where);
        frames.add(numbered ? frame["frame_id"].dump() : std::to_string(index), {},
                   people_of_instances(instances, where));
        ++index;
    }
}

void read_single_frame(const json& content, KeypointFrames& frames) {
    const FrameFile file = read_frame_file(content, frames.source().string());
    frames.set_format(file.format);
    frames.set_layout(file.layout);
    const std::string name = name_of_source(frames.source());
    if (frames.begin_sequence(name, true)) frames.add(name, {}, file.people);
}

} // namespace

json parse_keypoint_json(const std::filesystem::path& file) {
    constexpr int deepest = 32;
    const std::string text = read_text(file);
    const auto keep = [&](int depth, json::parse_event_t event, const json& parsed) {
        if (depth > deepest)
            throw Error(fmt::format("{}: nests lists deeper than {} levels; no keypoints do", file.string(), deepest));
        return event != json::parse_event_t::key || parsed != "segmentation";
    };
    try {
        return json::parse(text, keep);
    } catch (const json::parse_error& error) {
        throw Error(fmt::format("{}: is not valid JSON (at byte {} of {})", file.string(), error.byte, text.size()));
    } catch (const json::exception&) { // a number that no double holds
        throw Error(fmt::format("{}: is not valid JSON (a number is too large)", file.string()));
    }
}

std::string name_of_source(const std::filesystem::path& source) {
    std::filesystem::path path = std::filesystem::absolute(source).lexically_normal();
    if (!path.has_filename()) path = path.parent_path();
    return std::filesystem::is_directory(path) ? path.filename().string() : path.stem().string();
}

const json& json_member(const json& object, const char* name, const std::string& where) {
    if (!has(object, name)) throw Error(fmt::format("{}: has no '{}'", where, name));
    return object[name];
}

Person person_of_triples(const json& values, const std::string& where) {
    if (list(values, where).size() % 3 != 0)
        throw Error(
            fmt::format("{}: holds {} numbers; expected x, y and confidence of each keypoint", where, values.size()));
    Person person;
    for (std::size_t i = 0; i < values.size(); i += 3)
        person.push_back({number(values[i], where), number(values[i + 1], where), number(values[i + 2], where)});
    return person;
}

bool is_frame_file(const json& content) {
    return has(content, "people") || is_list_of(content, is_instance) || (content.is_array() && content.empty()) ||
           (has(content, "instance_info") && is_list_of(content["instance_info"], is_instance));
}

FrameFile read_frame_file(const json& content, const std::string& where) {
    if (has(content, "people")) return {"OpenPose JSON", "", people_of_openpose(content["people"], where)};
    return {"MMPose JSON", mmpose_layout(content),
            people_of_instances(content.is_array() ? content : content["instance_info"], where)};
}

void read_keypoint_json(const std::filesystem::path& file, KeypointFrames& frames) {
    const json content = parse_keypoint_json(file);
    if (has(content, "annotations")) return read_coco_annotations(content, frames);
    if (is_list_of(content, is_result)) return read_coco_results(content, frames);
    if (is_frame_file(content)) return read_single_frame(content, frames);
    frames.set_format("MMPose JSON");
    frames.set_layout(mmpose_layout(content));
    for (const char* key : {"instance_info", "predictions"})
        if (has(content, key)) return read_mmpose_video(list(content[key], file.string() + ": " + key), frames);
    if (is_list_of(content, is_numbered_frame) || is_list_of(content, is_list))
        return read_mmpose_video(content, frames);
    throw Error(fmt::format("{}: holds keypoints in no form that is known: expected OpenPose's people, MMPose's "
                            "instance_info, predictions or frames, or COCO's annotations or results",
                            file.string()));
}

} // namespace poseaug
