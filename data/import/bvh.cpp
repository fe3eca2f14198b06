#include "data/import/bvh.hpp"

#include "data/import/axis_rotation.hpp"
#include "data/import/text_lines.hpp"

#include <fmt/format.h>

#include <cmath>
#include <numbers>

namespace poseaug {
namespace {

constexpr std::size_t kMostJoints = 10'000;
constexpr int kMostChannels = 6;

struct Channel {
    bool turns; ///< a rotation; otherwise a position
    int axis;
};

struct Joint {
    std::string name;
    int parent;
    Eigen::Vector3d offset = Eigen::Vector3d::Zero();
    std::vector<Channel> channels;
    bool has_offset = false, is_end = false;

    bool moves() const {
        for (const Channel& channel : channels)
            if (!channel.turns) return true;
        return false;
    }
};

using Skeleton = std::vector<Joint>; ///< parents before children

Channel read_channel(TextLines& text) {
    const std::string name = lower_case(text.next_word("a channel"));
    const int axis = name[0] - 'x';
    const std::string kind = name.substr(1);
    if (axis < 0 || axis > 2 || (kind != "rotation" && kind != "position"))
        text.fail(fmt::format("'{}' is no channel; there are Xposition, Yposition, Zposition, Xrotation, Yrotation "
                              "and Zrotation",
                              name));
    return {kind == "rotation", axis};
}

void read_channels(TextLines& text, Joint& joint) {
    const long long count = text.whole_number(text.next_word("the number of channels"));
    if (joint.is_end) text.fail("an End Site has no channels");
    if (!joint.channels.empty()) text.fail(fmt::format("a second CHANNELS of joint '{}'", joint.name));
    if (count < 0 || count > kMostChannels)
        text.fail(fmt::format("joint '{}' has {} channels; it can have 0 to {}", joint.name, count, kMostChannels));
    for (long long i = 0; i < count; ++i) joint.channels.push_back(read_channel(text));
}

/// The words up to the end of the line or the opening brace, which is read too: names may have spaces.
std::string read_name(TextLines& text) {
    std::string name;
    std::string_view word;
    while (text.line_goes_on() && (word = text.next_word("a name")) != "{")
        name += (name.empty() ? "" : " ") + std::string(word);
    if (name.empty()) text.fail("a joint has no name");
    if (word != "{" && text.next_word("a joint's {") != "{") text.fail("expected the { of joint '" + name + "'");
    return name;
}

void open_joint(TextLines& text, Skeleton& skeleton, int& current, const std::string& keyword) {
    const bool is_end = keyword == "end";
    if (keyword == "root" && !skeleton.empty()) text.fail("a second ROOT; a file holds one skeleton");
    if (keyword != "root" && current < 0) text.fail("a joint stands outside of the ROOT's braces");
    if (current >= 0 && skeleton[static_cast<std::size_t>(current)].is_end) text.fail("a joint stands in an End Site");
    if (skeleton.size() == kMostJoints) text.fail(fmt::format("there are more than {} joints", kMostJoints));
    Joint joint;
    joint.name = read_name(text);
    joint.parent = current;
    joint.is_end = is_end;
    if (is_end) joint.name = skeleton[static_cast<std::size_t>(current)].name + "_end";
    current = static_cast<int>(skeleton.size());
    skeleton.push_back(std::move(joint));
}

void close_joint(const TextLines& text, const Skeleton& skeleton, int& current) {
    if (current < 0) text.fail("there is a } too many");
    const Joint& joint = skeleton[static_cast<std::size_t>(current)];
    if (!joint.has_offset) text.fail(fmt::format("joint '{}' has no OFFSET", joint.name));
    current = joint.parent;
}

Skeleton read_hierarchy(TextLines& text) {
    if (lower_case(text.next_word("HIERARCHY")) != "hierarchy")
        text.fail("a BVH file starts with the word HIERARCHY; this one does not");
    Skeleton skeleton;
    int current = -1;
    while (true) {
        const std::string keyword = lower_case(text.next_word("MOTION"));
        if (keyword == "root" || keyword == "joint" || keyword == "end") open_joint(text, skeleton, current, keyword);
        else if (keyword == "}") close_joint(text, skeleton, current);
        else if (keyword == "offset" && current >= 0) {
            Joint& joint = skeleton[static_cast<std::size_t>(current)];
            for (double& value : joint.offset) value = text.number(text.next_word("an OFFSET's number"));
            joint.has_offset = true;
        } else if (keyword == "channels" && current >= 0)
            read_channels(text, skeleton[static_cast<std::size_t>(current)]);
        else if (keyword == "motion") break;
        else
            text.fail(fmt::format("found '{}' where ROOT, JOINT, End Site, OFFSET, CHANNELS, a brace or MOTION should "
                                  "stand",
                                  keyword.substr(0, 40)));
    }
    if (current >= 0)
        text.fail(
            fmt::format("MOTION comes before the }} of joint '{}'", skeleton[static_cast<std::size_t>(current)].name));
    if (skeleton.empty()) text.fail("MOTION comes before a ROOT");
    return skeleton;
}

/// The value of a line such as "Frame Time: 0.0333", however it is spaced.
std::string read_header(TextLines& text, const std::string& key) {
    const std::string wanted = fmt::format("'{}:'", key);
    if (!text.next_line()) text.fail("the file ends where " + wanted + " should stand");
    std::string line;
    for (const std::string_view word : text.words()) line += lower_case(word);
    std::string start;
    for (const char c : lower_case(key))
        if (c != ' ') start += c;
    if (!line.starts_with(start)) text.fail("expected " + wanted);
    line.erase(0, start.size());
    if (line.starts_with(':')) line.erase(0, 1);
    return line;
}

/// Frames a second. Files round the time of a frame; a rate that is whole but for this is taken to be whole.
double rate_of(double frame_time) {
    constexpr double rounding = 2e-4;
    const double rate = 1 / frame_time;
    return std::abs(rate - std::round(rate)) < rounding * rate ? std::round(rate) : rate;
}

void read_values(const TextLines& text, std::vector<double>& values) {
    const auto& words = text.words();
    if (words.size() != values.size())
        text.fail(
            fmt::format("the frame has {} values, but the skeleton's channels are {}", words.size(), values.size()));
    for (std::size_t i = 0; i < words.size(); ++i) values[i] = text.number(words[i]);
}

/// Whether joints other than the root give their place itself, rather than how far it is from OFFSET.
bool positions_replace_offsets(const Skeleton& skeleton, const std::vector<double>& values) {
    int replaced = 0, added = 0;
    std::size_t next = 0;
    for (const Joint& joint : skeleton) {
        Eigen::Vector3d position = Eigen::Vector3d::Zero();
        for (const Channel& channel : joint.channels)
            if (const double value = values[next++]; !channel.turns) position[channel.axis] = value;
        if (joint.parent < 0 || !joint.moves() || joint.offset.isZero()) continue;
        ++((position - joint.offset).norm() <= position.norm() ? replaced : added);
    }
    return replaced >= added;
}

/// Forward kinematics of one frame, appended to `positions`.
void place_joints(const Skeleton& skeleton, const std::vector<double>& values, bool replace,
                  std::vector<Eigen::Matrix3d>& turned, std::vector<double>& positions) {
    const std::size_t first = positions.size();
    std::size_t next = 0;
    for (std::size_t j = 0; j < skeleton.size(); ++j) {
        const Joint& joint = skeleton[j];
        Eigen::Vector3d local = joint.offset;
        if (replace && joint.parent >= 0)
            for (const Channel& channel : joint.channels)
                if (!channel.turns) local[channel.axis] = 0;
        Eigen::Matrix3d turn = Eigen::Matrix3d::Identity();
        for (const Channel& channel : joint.channels) {
            const double value = values[next++];
            if (channel.turns) turn *= axis_rotation(channel.axis, value * std::numbers::pi / 180);
            else local[channel.axis] += value;
        }
        if (joint.parent >= 0) {
            const auto parent = static_cast<std::size_t>(joint.parent);
            local = Eigen::Map<const Eigen::Vector3d>(&positions[first + parent * 3]) + turned[parent] * local;
            turn = turned[parent] * turn;
        }
        turned[j] = turn;
        positions.insert(positions.end(), local.begin(), local.end());
    }
}

std::size_t channel_count(const Skeleton& skeleton) {
    std::size_t count = 0;
    for (const Joint& joint : skeleton) count += joint.channels.size();
    return count;
}

void read_motion(TextLines& text, const Skeleton& skeleton, MotionClip& clip) {
    clip.frames = text.whole_number(read_header(text, "Frames"));
    if (clip.frames < 1) text.fail(fmt::format("there are {} frames; at least one is needed", clip.frames));
    const double frame_time = text.number(read_header(text, "Frame Time"));
    if (frame_time <= 0) text.fail(fmt::format("the time of a frame is {} seconds", frame_time));
    clip.rate = rate_of(frame_time);
    std::vector<double> values(channel_count(skeleton));
    if (values.empty()) text.fail("no joint has a channel, so nothing moves");
    // two bytes a value at the least, so no count in a file makes us take more memory than the file warrants
    if (static_cast<std::size_t>(clip.frames) > (text.bytes_left() + 1) / 2 / values.size())
        text.fail(fmt::format("{} frames of {} values are more than the rest of the file can hold", clip.frames,
                              values.size()));
    std::vector<Eigen::Matrix3d> turned(skeleton.size());
    bool replace = true;
    for (std::int64_t frame = 0; frame < clip.frames; ++frame) {
        if (!text.next_line())
            text.fail(fmt::format("the file ends after {} of the {} frames it announces", frame, clip.frames));
        read_values(text, values);
        if (frame == 0) replace = positions_replace_offsets(skeleton, values);
        place_joints(skeleton, values, replace, turned, clip.positions);
        for (auto value = clip.positions.end() - std::ssize(skeleton) * 3; value != clip.positions.end(); ++value)
            if (!std::isfinite(*value)) text.fail("the frame's values are too large to compute with");
    }
    if (text.next_line()) text.fail(fmt::format("there is more after the {} frames the file announces", clip.frames));
}

} // namespace

MotionClip read_bvh(const std::filesystem::path& file) {
    TextLines text(file);
    const Skeleton skeleton = read_hierarchy(text);
    MotionClip clip;
    clip.source = text.file();
    for (const Joint& joint : skeleton) clip.joints.push_back(joint.name);
    read_motion(text, skeleton, clip);
    return clip;
}

} // namespace poseaug
