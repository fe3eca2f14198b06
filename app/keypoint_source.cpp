#include "app/keypoint_source.hpp"

#include "app/options.hpp"
#include "data/keypoint_layouts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace poseaug::app {

namespace {

const std::map<std::string, MissingPolicy>& policies() {
    static const std::map<std::string, MissingPolicy> all = {{"interpolate", MissingPolicy::interpolate},
                                                             {"fill", MissingPolicy::fill},
                                                             {"drop", MissingPolicy::drop},
                                                             {"refuse", MissingPolicy::refuse}};
    return all;
}

CLI::Validator person_choice() {
    return CLI::Validator(
        [](const std::string& text) {
            const bool number = !text.empty() && text.size() < 7 &&
                                std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
            const bool known = text == "largest" || text == "best" || text == "all" || number;
            return known ? std::string() : text + " is neither largest, best, all nor a number from 0";
        },
        "largest|best|all|N");
}

Array flags(const std::vector<std::int64_t>& shape, const std::vector<bool>& values) {
    Array array{ElementType::boolean, shape, {}, {}};
    for (const bool value : values) array.bytes.push_back(value ? std::byte{1} : std::byte{0});
    return array;
}

/// Frames as numbers where all are, else as names.
Array frame_member(const std::vector<std::string>& frames) {
    const auto n = static_cast<std::int64_t>(frames.size());
    const auto is_number = [](const std::string& name) {
        return !name.empty() && name.size() <= 18 && (name == "0" || name.front() != '0') &&
               std::ranges::all_of(name, [](char c) { return c >= '0' && c <= '9'; });
    };
    if (!std::ranges::all_of(frames, is_number)) return Array::of({n}, frames);
    std::vector<std::int64_t> numbers;
    for (const std::string& name : frames) numbers.push_back(std::stoll(name));
    return Array::of({n}, numbers);
}

} // namespace

void KeypointChoice::add_to(CLI::App& verb) {
    verb.add_option("--layout", options.layout, "Order of the keypoints, where the file does not tell")
        ->check(CLI::IsMember(keypoint_layout_names()))
        ->type_name("NAME");
    CLI::Option* width = verb.add_option("--width", options.width, "Width of the image in pixels, if the file lacks it")
                             ->check(at_least(1));
    CLI::Option* height = verb.add_option("--height", options.height, "Its height")->check(at_least(1));
    width->needs(height);
    height->needs(width);
    verb.add_option("--person", options.person,
                    "Of several people in a frame: the largest, the best (highest sum of confidences), all, or the "
                    "one of that number, from 0")
        ->check(person_choice())
        ->capture_default_str();
    verb.add_option("--sequence", options.sequence,
                    "Only this video (or subject, subject/action, subject/action/camera)")
        ->type_name("NAME");
    verb.add_option("--min-confidence", options.min_confidence, "Joints detected with less are missing")
        ->check(at_least(0))
        ->capture_default_str();
    verb.add_option("--missing", missing,
                    "What becomes of missing joints: interpolate (in time, and fill what is left), fill (from the "
                    "pose's other joints), drop (no pose for the frame), refuse (stop)")
        ->check(CLI::IsMember(policies()))
        ->capture_default_str()
        ->type_name("HOW");
    verb.add_option("--max-gap", options.max_gap, "Most frames to interpolate over")
        ->check(CLI::Range(0, 1'000'000))
        ->capture_default_str();
}

KeypointPoses KeypointChoice::load(const std::filesystem::path& source) const {
    KeypointOptions chosen = options;
    chosen.missing = policies().at(missing);
    return load_keypoints(source, chosen);
}

void KeypointChoice::add_members(NpzWriter& writer, const KeypointPoses& poses) const {
    std::vector<std::string> sequence;
    bool in_time = true;
    for (const KeypointSequence& each : poses.sequences) {
        sequence.insert(sequence.end(), static_cast<std::size_t>(each.count), each.name);
        in_time = in_time && each.in_time;
    }
    writer.add("frame", frame_member(poses.frame));
    writer.add("sequence", Array::of({poses.size()}, std::move(sequence)));
    writer.add("in_time", flags({}, {in_time}));
    writer.add("valid", flags({poses.size()}, poses.valid));
    if (options.person == "all")
        writer.add("person",
                   Array::of({poses.size()}, std::vector<std::int64_t>(poses.person.begin(), poses.person.end())));
}

std::string describe(const KeypointPoses& poses) {
    const KeypointCounts& counts = poses.counts;
    std::string text = fmt::format("keypoints: {}; {} poses in {} sequence{}", poses.source, counts.frames,
                                   poses.sequences.size(), poses.sequences.size() == 1 ? "" : "s");
    if (counts.empty > 0) text += fmt::format("; {} frames without the person", counts.empty);
    text += "\n";
    if (counts.interpolated + counts.filled + counts.dropped > 0)
        text += fmt::format("missing joints: {} interpolated, {} filled; {} frames left without a pose\n",
                            counts.interpolated, counts.filled, counts.dropped);
    return text;
}

} // namespace poseaug::app
