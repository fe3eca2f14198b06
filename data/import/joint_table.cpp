#include "data/import/joint_table.hpp"

#include "data/pose_set.hpp"
#include "kernels/error.hpp"
#include "poseaug_joint_tables.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

namespace poseaug {
namespace {

using Json = nlohmann::json;

/// A bone shorter than this share of all bones together is no bone.
constexpr double kShortestBone = 1e-4;
constexpr std::uintmax_t kLargestTable = 1 << 20;

const char* const kHowTo = "A table is a JSON object with the keys \"hip\", \"right hip\", \"right knee\", and so on; "
                           "write one like those in share/poseaug/joint_tables and give it with --joints FILE.";

JointTable::Mixture read_mixture(const Json& value, const std::string& where) {
    JointTable::Mixture mixture;
    if (value.is_string()) mixture.emplace_back(value.get<std::string>(), 1);
    if (value.is_array())
        for (const Json& joint : value) {
            if (!joint.is_string()) throw Error(where + " is a list with something else in it than joints' names.");
            mixture.emplace_back(joint.get<std::string>(), 1.0 / static_cast<double>(value.size()));
        }
    double sum = 0;
    if (value.is_object())
        for (const auto& [joint, weight] : value.items()) {
            if (!weight.is_number()) throw Error(fmt::format("{}: the weight of '{}' is no number.", where, joint));
            mixture.emplace_back(joint, weight.get<double>());
            sum += weight.get<double>();
        }
    if (mixture.empty())
        throw Error(where + " has to be a joint's name, a list of them, or an object of joints and weights.");
    if (value.is_object() && !(std::abs(sum - 1) < 1e-6))
        throw Error(fmt::format("{}: the weights sum to {}; they have to sum to 1.", where, sum));
    return mixture;
}

std::optional<std::size_t> index_of(const std::string& name) {
    for (std::size_t j = 0; j < kJoints; ++j)
        if (name == joint_names()[j]) return j;
    return std::nullopt;
}

/// Where the joint of this name is; none if the skeleton has none.
std::optional<std::size_t> find_joint(const MotionClip& clip, const std::string& name) {
    const auto search = [&](const auto& matches) {
        std::optional<std::size_t> found;
        for (std::size_t j = 0; j < clip.joints.size(); ++j) {
            if (!matches(clip.joints[j])) continue;
            if (found) throw Error(fmt::format("{} has several joints named '{}'.", clip.source, name));
            found = j;
        }
        return found;
    };
    if (const auto found = search([&](const std::string& joint) { return joint == name; })) return found;
    return search([&](const std::string& joint) { return joint.ends_with(":" + name); });
}

std::vector<std::string> missing_joints(const JointTable& table, const MotionClip& clip) {
    std::vector<std::string> missing;
    for (const auto& mixture : table.joints)
        for (const auto& [name, weight] : mixture)
            if (!find_joint(clip, name)) missing.push_back(name);
    return missing;
}

std::string skeleton_of(const MotionClip& clip) {
    return fmt::format("The joints of {} are: {}.", clip.source, fmt::join(clip.joints, ", "));
}

} // namespace

JointTable parse_joint_table(const std::string& json, const std::string& name, const std::string& where) {
    Json content;
    try {
        content = Json::parse(json);
    } catch (const Json::exception& problem) {
        throw Error(fmt::format("The joint table {} is not JSON: {}.", where, problem.what()));
    }
    if (!content.is_object()) throw Error(fmt::format("The joint table {} is no JSON object. {}", where, kHowTo));
    JointTable table;
    table.name = name;
    for (const auto& [key, value] : content.items()) {
        if (key == "about") continue;
        const auto joint = index_of(key);
        if (!joint)
            throw Error(fmt::format("The joint table {} has a key '{}'; the 16 joints are: {}.", where, key,
                                    fmt::join(joint_names(), ", ")));
        table.joints[*joint] = read_mixture(value, fmt::format("The joint table {}: '{}'", where, key));
    }
    for (std::size_t j = 0; j < kJoints; ++j)
        if (table.joints[j].empty())
            throw Error(fmt::format("The joint table {} lacks the key '{}'.", where, joint_names()[j]));
    return table;
}

const std::vector<JointTable>& built_in_joint_tables() {
    static const std::vector<JointTable> tables = [] {
        std::vector<JointTable> parsed;
        for (const auto& [name, json] : kJointTableTexts) parsed.push_back(parse_joint_table(json, name, name));
        return parsed;
    }();
    return tables;
}

JointTable find_joint_table(const std::string& name_or_file) {
    std::vector<std::string> names;
    for (const JointTable& table : built_in_joint_tables()) {
        if (table.name == name_or_file) return table;
        names.push_back(table.name);
    }
    const std::filesystem::path file = name_or_file;
    std::error_code problem;
    const auto size = std::filesystem::file_size(file, problem);
    std::ifstream stream(file, std::ios::binary);
    if (problem || !stream)
        throw Error(fmt::format("'{}' is neither a joint table's name ({}) nor a file that can be read.", name_or_file,
                                fmt::join(names, ", ")));
    if (size > kLargestTable) throw Error(fmt::format("{} is too large to be a joint table.", name_or_file));
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    return parse_joint_table(text, file.stem().string(), name_or_file);
}

const JointTable& fitting_joint_table(const MotionClip& clip) {
    std::string nearest;
    std::size_t fewest = kJoints;
    for (const JointTable& table : built_in_joint_tables()) {
        const auto missing = missing_joints(table, clip);
        if (missing.empty()) return table;
        if (missing.size() < fewest) {
            fewest = missing.size();
            nearest = fmt::format(" The nearest, '{}', lacks {}.", table.name, fmt::join(missing, ", "));
        }
    }
    throw Error(fmt::format("No joint table fits the skeleton of {}.{} {} {}", clip.source, nearest, skeleton_of(clip),
                            kHowTo));
}

JointMap::JointMap(const JointTable& table, const MotionClip& clip) : table_(table.name) {
    const auto missing = missing_joints(table, clip);
    if (!missing.empty())
        throw Error(fmt::format("The joint table '{}' does not fit {}: it asks for {}. {}", table.name, clip.source,
                                fmt::join(missing, ", "), skeleton_of(clip)));
    for (std::size_t j = 0; j < kJoints; ++j)
        for (const auto& [name, weight] : table.joints[j]) joints_[j].emplace_back(*find_joint(clip, name), weight);
}

BodyPose JointMap::pose(const MotionClip& clip, std::int64_t frame) const {
    BodyPose pose = BodyPose::Zero();
    for (std::size_t j = 0; j < kJoints; ++j)
        for (const auto& [joint, weight] : joints_[j])
            pose.col(static_cast<Eigen::Index>(j)) += weight * clip.at(frame, joint);
    std::array<double, kBones> lengths{};
    double sum = 0;
    for (int bone = 0; bone < kBones; ++bone)
        sum += lengths[static_cast<std::size_t>(bone)] = (pose.col(parent_of(bone + 1)) - pose.col(bone + 1)).norm();
    for (int bone = 0; bone < kBones; ++bone) {
        const int child = bone + 1;
        if (!(lengths[static_cast<std::size_t>(bone)] > kShortestBone * sum))
            throw Error(fmt::format("{}, frame {}: '{}' and '{}' of the joint table '{}' are at the same place, so "
                                    "there is no bone between them. Choose other joints with --joints FILE.",
                                    clip.source, frame + 1, joint_names()[static_cast<std::size_t>(parent_of(child))],
                                    joint_names()[static_cast<std::size_t>(child)], table_));
    }
    return pose;
}

} // namespace poseaug
