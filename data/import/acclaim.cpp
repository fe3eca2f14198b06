#include "data/import/acclaim.hpp"

#include "data/import/axis_rotation.hpp"
#include "data/import/text_lines.hpp"
#include "kernels/error.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <utility>

namespace poseaug {
namespace {

constexpr double kRadiansPerDegree = std::numbers::pi / 180;
constexpr std::size_t kMostBones = 10'000;

/// Names to places, without copying what is looked up.
using Places = std::map<std::string, std::size_t, std::less<>>;

/// Turns about fixed axes, one after the other in the given order.
Eigen::Matrix3d turn_in_order(const std::string& order, const Eigen::Vector3d& radians) {
    Eigen::Matrix3d turn = Eigen::Matrix3d::Identity();
    for (const char axis : order) turn = axis_rotation(axis - 'x', radians[axis - 'x']) * turn;
    return turn;
}

/// A skeleton as it is read: parents are known only at the end.
class AsfReader {
public:
    explicit AsfReader(const std::filesystem::path& file) : text_(file, '#') {}

    AcclaimSkeleton read() {
        AcclaimBone root;
        root.name = "root";
        bones_.push_back(root);
        bool more = text_.next_line();
        if (!more || !text_.words()[0].starts_with(':'))
            text_.fail("an ASF file starts with a section such as :version");
        while (more) more = read_section();
        if (bones_.size() == 1) text_.fail("the file ends without a bone; is :bonedata missing?");
        if (parents_.empty()) text_.fail("the file ends without a :hierarchy");
        return arranged();
    }

private:
    /// Reads the section whose name is the current line; false at the end of the file.
    bool read_section() {
        const std::string name = lower_case(text_.words()[0]);
        if (name == ":bonedata") return read_bones();
        if (name == ":hierarchy") return read_hierarchy();
        while (text_.next_line()) {
            if (text_.words()[0].starts_with(':')) return true;
            if (name == ":units") read_unit();
            if (name == ":root") read_root();
        }
        return false;
    }

    void read_unit() {
        if (lower_case(word(0)) != "angle") return;
        const std::string unit = lower_case(word(1));
        if (!unit.starts_with("deg") && !unit.starts_with("rad"))
            text_.fail(fmt::format("the unit of angles is '{}'; expected deg or rad", unit));
        degrees_ = unit.starts_with("deg");
    }

    void read_root() {
        AcclaimBone& root = bones_[0];
        const std::string key = lower_case(word(0));
        if (key == "order") root.channels = channels();
        if (key == "axis") root.axis_order = axis_order(word(1));
        if (key == "position") origin_ = vector();
        if (key == "orientation") root_orientation_ = vector();
    }

    bool read_bones() {
        bool open = false;
        AcclaimBone bone;
        Rest rest;
        while (text_.next_line()) {
            const std::string key = lower_case(word(0));
            if (key.starts_with(':')) {
                if (open) text_.fail("a bone has no end");
                return true;
            }
            if (key == "begin") {
                if (open) text_.fail("a bone begins before the one above has ended");
                open = true;
                bone = {};
                rest = {};
            } else if (!open) text_.fail(fmt::format("found '{}' where a bone's begin should stand", key));
            else if (key == "end") {
                add(std::exchange(bone, {}), rest);
                open = false;
            } else read_bone_line(key, bone, rest);
        }
        if (open) text_.fail("the file ends within a bone");
        return false;
    }

    /// What of a bone is not yet in its final form.
    struct Rest {
        Eigen::Vector3d direction = Eigen::Vector3d::Zero(), axis = Eigen::Vector3d::Zero();
        double length = 0;
        bool has_direction = false, has_length = false;
    };

    void read_bone_line(const std::string& key, AcclaimBone& bone, Rest& rest) {
        if (key == "name") bone.name = word(1);
        if (key == "length") {
            rest.length = text_.number(word(1));
            rest.has_length = true;
        }
        if (key == "direction") {
            rest.direction = vector();
            rest.has_direction = true;
        }
        if (key == "axis") {
            bone.axis_order = axis_order(word(4));
            const Eigen::Vector3d listed = vector();
            for (int i = 0; i < 3; ++i) rest.axis[bone.axis_order[static_cast<std::size_t>(i)] - 'x'] = listed[i];
        }
        if (key == "dof") {
            bone.channels = channels();
            for (const std::string& channel : bone.channels)
                if (channel[0] != 'r')
                    text_.fail(fmt::format("bone '{}' moves by '{}'; only rotations (rx, ry, rz) of bones are "
                                           "supported",
                                           bone.name, channel));
        }
    }

    void add(AcclaimBone bone, const Rest& rest) {
        if (bone.name.empty()) text_.fail("a bone has no name");
        if (!rest.has_direction || !rest.has_length)
            text_.fail(fmt::format("bone '{}' has no {}", bone.name, rest.has_length ? "direction" : "length"));
        if (bone.name == "root" || !places_.emplace(bone.name, bones_.size()).second)
            text_.fail(fmt::format("a second bone is named '{}'", bone.name));
        if (bones_.size() == kMostBones) text_.fail(fmt::format("there are more than {} bones", kMostBones));
        bone.reach = rest.direction * rest.length;
        axes_.push_back(rest.axis);
        bones_.push_back(std::move(bone));
    }

    bool read_hierarchy() {
        while (text_.next_line()) {
            const std::string key = lower_case(word(0));
            if (key.starts_with(':')) return true;
            if (key == "begin" || key == "end") continue;
            const std::size_t parent = place(text_.words()[0]);
            for (std::size_t i = 1; i < text_.words().size(); ++i) {
                const std::size_t child = place(text_.words()[i]);
                if (child == 0) text_.fail("the root cannot hang on a bone");
                if (!parents_.emplace(child, parent).second)
                    text_.fail(fmt::format("bone '{}' hangs on two bones", bones_[child].name));
            }
        }
        return false;
    }

    std::size_t place(std::string_view name) const {
        if (name == "root") return 0;
        const auto found = places_.find(name);
        if (found == places_.end()) text_.fail(fmt::format("there is no bone named '{}'", name));
        return found->second;
    }

    /// The bones with parents before children.
    AcclaimSkeleton arranged() {
        AcclaimSkeleton skeleton;
        skeleton.source = text_.file();
        skeleton.degrees = degrees_;
        skeleton.origin = origin_;
        const double unit = degrees_ ? kRadiansPerDegree : 1;
        if (bones_[0].channels.empty()) bones_[0].channels = {"tx", "ty", "tz", "rx", "ry", "rz"};
        bones_[0].frame = turn_in_order(bones_[0].axis_order, root_orientation_ * unit);
        for (std::size_t b = 1; b < bones_.size(); ++b)
            bones_[b].frame = turn_in_order(bones_[b].axis_order, axes_[b - 1] * unit);
        std::multimap<std::size_t, std::size_t> children;
        for (const auto& [child, parent] : parents_) children.emplace(parent, child);
        std::vector<std::size_t> order = {0};
        skeleton.bones = {bones_[0]};
        for (std::size_t next = 0; next < order.size(); ++next) {
            const auto [first, last] = children.equal_range(order[next]);
            for (auto entry = first; entry != last; ++entry) {
                order.push_back(entry->second);
                skeleton.bones.push_back(bones_[entry->second]);
                skeleton.bones.back().parent = static_cast<int>(next);
            }
        }
        for (std::size_t b = 1; b < bones_.size(); ++b)
            if (std::ranges::find(order, b) == order.end())
                throw Error(fmt::format("{}: bone '{}' is not joined to the root: the :hierarchy leaves it out, or "
                                        "goes round in a circle.",
                                        text_.file(), bones_[b].name));
        return skeleton;
    }

    std::string_view word(std::size_t index) const {
        if (index >= text_.words().size())
            text_.fail(fmt::format("'{}' needs more values than stand here", text_.words()[0]));
        return text_.words()[index];
    }

    Eigen::Vector3d vector() const { return {text_.number(word(1)), text_.number(word(2)), text_.number(word(3))}; }

    std::vector<std::string> channels() const {
        std::vector<std::string> names;
        for (std::size_t i = 1; i < text_.words().size(); ++i) {
            const std::string name = lower_case(text_.words()[i]);
            const bool good =
                name.size() == 2 && (name[0] == 'r' || name[0] == 't') && name[1] >= 'x' && name[1] <= 'z';
            if (!good || std::ranges::find(names, name) != names.end())
                text_.fail(fmt::format("'{}' is no degree of freedom, or stands twice; expected some of rx ry rz (and "
                                       "tx ty tz for the root)",
                                       name));
            names.push_back(name);
        }
        return names;
    }

    std::string axis_order(std::string_view given) const {
        const std::string order = lower_case(given);
        std::string sorted = order;
        std::ranges::sort(sorted);
        if (sorted != "xyz") text_.fail(fmt::format("'{}' is no order of axes; expected one such as XYZ", given));
        return order;
    }

    TextLines text_;
    bool degrees_ = true;
    Eigen::Vector3d origin_ = Eigen::Vector3d::Zero(), root_orientation_ = Eigen::Vector3d::Zero();
    std::vector<AcclaimBone> bones_; ///< in file order, the root first
    std::vector<Eigen::Vector3d> axes_;
    Places places_;
    std::map<std::size_t, std::size_t> parents_; ///< by child
};

/// Reads frames and places the bones' ends.
class AmcReader {
public:
    AmcReader(const AcclaimSkeleton& skeleton, const std::filesystem::path& file)
        : skeleton_(skeleton), text_(file, '#'), values_(skeleton.bones.size()), given_(skeleton.bones.size()),
          turned_(skeleton.bones.size()), unit_(skeleton.degrees ? kRadiansPerDegree : 1) {
        for (std::size_t b = 0; b < skeleton.bones.size(); ++b) places_.emplace(skeleton.bones[b].name, b);
    }

    MotionClip read() {
        clip_.source = text_.file();
        for (const AcclaimBone& bone : skeleton_.bones) clip_.joints.push_back(bone.name);
        bool more = read_head();
        while (more) {
            start_frame();
            while ((more = text_.next_line()) && text_.words().size() > 1) read_bone();
            finish_frame();
        }
        if (clip_.frames == 0) text_.fail("there is no frame");
        return std::move(clip_);
    }

private:
    /// Reads up to the first frame's number; false if there is none.
    bool read_head() {
        while (text_.next_line()) {
            const std::string key = lower_case(text_.words()[0]);
            if (!key.starts_with(':')) return true;
            if (key == ":degrees") unit_ = kRadiansPerDegree;
            if (key == ":radians") unit_ = 1;
        }
        return false;
    }

    void start_frame() {
        if (text_.words().size() != 1) text_.fail("expected the number of a frame on a line of its own");
        const long long number = text_.whole_number(text_.words()[0]);
        if (clip_.frames > 0 && number != number_ + 1)
            text_.fail(
                fmt::format("frame {} follows frame {}; frames are numbered one after the other", number, number_));
        number_ = number;
        given_.assign(given_.size(), false);
    }

    void read_bone() {
        const auto& words = text_.words();
        const auto found = places_.find(words[0]);
        if (found == places_.end())
            text_.fail(fmt::format("bone '{}' is not in the skeleton {}", words[0], skeleton_.source));
        const std::size_t b = found->second;
        const AcclaimBone& bone = skeleton_.bones[b];
        if (words.size() - 1 != bone.channels.size())
            text_.fail(fmt::format("bone '{}' has {} values; the skeleton {} gives it {} ({})", bone.name,
                                   words.size() - 1, skeleton_.source, bone.channels.size(),
                                   fmt::join(bone.channels, " ")));
        if (given_[b]) text_.fail(fmt::format("bone '{}' stands twice in frame {}", bone.name, number_));
        given_[b] = true;
        values_[b].clear();
        for (std::size_t i = 1; i < words.size(); ++i) values_[b].push_back(text_.number(words[i]));
    }

    void finish_frame() {
        for (std::size_t b = 0; b < given_.size(); ++b)
            if (!given_[b] && !skeleton_.bones[b].channels.empty())
                throw Error(fmt::format("{}: frame {} has no values of bone '{}', which moves in {}.", text_.file(),
                                        number_, skeleton_.bones[b].name, skeleton_.source));
        for (std::size_t b = 0; b < skeleton_.bones.size(); ++b) place(b);
        ++clip_.frames;
    }

    /// Appends the place of a bone's end: its parent's end plus its reach, turned in its own axes.
    void place(std::size_t b) {
        const AcclaimBone& bone = skeleton_.bones[b];
        Eigen::Vector3d angles = Eigen::Vector3d::Zero(), moved = Eigen::Vector3d::Zero();
        for (std::size_t i = 0; i < bone.channels.size(); ++i) {
            const int axis = bone.channels[i][1] - 'x';
            if (bone.channels[i][0] == 'r') angles[axis] = values_[b][i] * unit_;
            else moved[axis] = values_[b][i];
        }
        turned_[b] = bone.frame * turn_in_order(bone.axis_order, angles) * bone.frame.transpose();
        Eigen::Vector3d end = skeleton_.origin + moved;
        if (bone.parent >= 0) {
            const auto parent = static_cast<std::size_t>(bone.parent);
            turned_[b] = turned_[parent] * turned_[b];
            end = clip_.at(clip_.frames, parent) + turned_[b] * bone.reach;
        }
        if (!end.allFinite())
            throw Error(
                fmt::format("{}: the values of frame {} are too large to compute with.", text_.file(), number_));
        clip_.positions.insert(clip_.positions.end(), end.begin(), end.end());
    }

    const AcclaimSkeleton& skeleton_;
    TextLines text_;
    Places places_;
    std::vector<std::vector<double>> values_; ///< of each bone in this frame
    std::vector<bool> given_;
    std::vector<Eigen::Matrix3d> turned_;
    double unit_;
    long long number_ = 0;
    MotionClip clip_;
};

} // namespace

AcclaimSkeleton read_asf(const std::filesystem::path& file) { return AsfReader(file).read(); }

MotionClip read_amc(const AcclaimSkeleton& skeleton, const std::filesystem::path& file) {
    return AmcReader(skeleton, file).read();
}

} // namespace poseaug
