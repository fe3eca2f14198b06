#include "data/keypoint_frames.hpp"

#include "data/cameras.hpp"
#include "data/keypoint_gaps.hpp"
#include "data/pose_set.hpp"
#include "kernels/error.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace poseaug {

namespace {

constexpr std::size_t kRow = 2 * kJoints;
constexpr double kFarthestPixel = 1e6;
constexpr double kFarthest = 10; // normalised coordinates are about 1; even a joint far outside does not come here

/// Whether `name` is `asked` or continues it after a '/'.
bool is_asked_for(const std::string& name, const std::string& asked) {
    return asked.empty() || name == asked || name.starts_with(asked + "/");
}

/// The first names of a list, for messages.
std::string some(const std::vector<std::string>& names) {
    constexpr std::size_t most = 8;
    const std::size_t shown = std::min(names.size(), most);
    return fmt::format("{}{}", fmt::join(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(shown), ", "),
                       names.size() > most ? ", ..." : "");
}

} // namespace

/// A person of a frame who may be the one.
struct KeypointFrames::Candidate {
    int index = 0;
    double area = 0, confidence = 0;
    ImagePose pose; ///< as the file gives it, pixels or normalised
};

KeypointFrames::KeypointFrames(const std::filesystem::path& source, const KeypointOptions& options)
    : source_(source), options_(options) {}

void KeypointFrames::set_layout(const std::string& of_file, const std::string& of_17) {
    layout_ = of_file;
    layout_of_17_ = of_17;
    known_layout_ = nullptr;
}

bool KeypointFrames::begin_sequence(const std::string& name, bool in_time) {
    if (!is_asked_for(name, options_.sequence)) {
        skipped_.push_back(name);
        return false;
    }
    poses_.sequences.push_back({name, in_time && options_.person != "all", poses_.size(), 0});
    return true;
}

const KeypointLayout& KeypointFrames::layout_of(std::size_t keypoints, const std::string& where) {
    if (known_layout_ && known_layout_->keypoints == keypoints) return *known_layout_;
    std::string name = options_.layout.empty() ? layout_ : options_.layout;
    if (name.empty()) name = guess_keypoint_layout(keypoints, layout_of_17_);
    if (name.empty())
        throw Error(fmt::format("{}: {} keypoints a person do not tell their layout; give --layout, one of {}", where,
                                keypoints, fmt::join(keypoint_layout_names(), ", ")));
    const KeypointLayout& layout = find_keypoint_layout(name, keypoints, where);
    if (known_layout_)
        throw Error(fmt::format("{}: {} keypoints a person, where those before have {}", where, keypoints,
                                known_layout_->keypoints));
    known_layout_ = &layout;
    return layout;
}

std::vector<ImagePoint> KeypointFrames::seen_points(const Person& person, const std::string& where) {
    std::vector<ImagePoint> points;
    for (const auto& [x, y, confidence] : person) {
        if (std::max(std::abs(x), std::abs(y)) > kFarthestPixel)
            throw Error(
                fmt::format("{}: a coordinate of {} lies in no image", where, std::abs(x) > std::abs(y) ? x : y));
        const bool nowhere = !normalised_ && x == 0 && y == 0; // how detectors write a keypoint that they did not find
        const bool sure = confidence > 0 && confidence >= options_.min_confidence;
        points.emplace_back(x, y);
        if (nowhere || !sure || points.back().hasNaN())
            points.back().setConstant(std::numeric_limits<double>::quiet_NaN());
        else largest_ = std::max(largest_, points.back().cwiseAbs().maxCoeff());
    }
    return points;
}

std::vector<KeypointFrames::Candidate> KeypointFrames::candidates(const std::vector<Person>& people,
                                                                  const std::string& where) {
    std::vector<Candidate> found;
    for (std::size_t i = 0; i < people.size(); ++i) {
        const std::string name = fmt::format("{}, person {}", where, i);
        const KeypointLayout& layout = layout_of(people[i].size(), name);
        const std::vector<ImagePoint> points = seen_points(people[i], name);
        Candidate candidate;
        candidate.index = static_cast<int>(i);
        ImagePoint low = ImagePoint::Constant(std::numeric_limits<double>::max()), high = -low;
        for (std::size_t k = 0; k < points.size(); ++k) {
            if (!is_seen(points[k])) continue;
            low = low.cwiseMin(points[k]);
            high = high.cwiseMax(points[k]);
            candidate.confidence += people[i][k].confidence;
        }
        if (low.x() > high.x()) continue; // nothing of them was seen
        candidate.area = (high - low).prod();
        candidate.pose = to_sixteen_joints(layout, points);
        found.push_back(candidate);
    }
    return found;
}

std::vector<KeypointFrames::Candidate> KeypointFrames::choose(std::vector<Candidate> people) const {
    if (options_.person == "all" || people.empty()) return people;
    if (options_.person == "largest") return {*std::ranges::max_element(people, {}, &Candidate::area)};
    if (options_.person == "best") return {*std::ranges::max_element(people, {}, &Candidate::confidence)};
    std::erase_if(people, [&](const Candidate& person) { return std::to_string(person.index) != options_.person; });
    return people;
}

void KeypointFrames::add(const std::string& frame, const ImageSize& size, const std::vector<Person>& people) {
    const std::string where = fmt::format("{}: frame {}", source_.string(), frame);
    const std::vector<Candidate> chosen = choose(candidates(people, where));
    for (const Candidate& person : chosen) append(frame, size, &person, where);
    if (chosen.empty()) ++poses_.counts.empty;
    if (chosen.empty() && options_.person != "all") append(frame, size, nullptr, where);
}

void KeypointFrames::append(const std::string& frame, const ImageSize& size, const Candidate* person,
                            const std::string& where) {
    if (person)
        for (const ImagePoint& joint : person->pose) {
            const ImagePoint point = normalised(joint, size, where);
            poses_.image.push_back(static_cast<float>(point.x()));
            poses_.image.push_back(static_cast<float>(point.y()));
        }
    else poses_.image.insert(poses_.image.end(), kRow, std::numeric_limits<float>::quiet_NaN());
    poses_.valid.push_back(true);
    poses_.frame.push_back(frame);
    poses_.person.push_back(person ? person->index : -1);
    ++poses_.sequences.back().count;
}

ImagePoint KeypointFrames::normalised(const ImagePoint& point, const ImageSize& size, const std::string& where) const {
    const ImageSize image = options_.width > 0 ? ImageSize{options_.width, options_.height} : size;
    if (!normalised_ && (image.width < 1 || image.height < 1))
        throw Error(
            fmt::format("{}: the coordinates are pixels, and the file does not say how large the image is; give "
                        "its --width and --height",
                        where));
    const ImagePoint place = normalised_ ? point : normalise_padded(point, image.width, image.height);
    if (place.cwiseAbs().maxCoeff() > kFarthest)
        throw Error(normalised_
                        ? fmt::format("{}: a coordinate of {:.6g} is not normalised; if the coordinates are "
                                      "pixels, give the image's --width and --height",
                                      where, place.cwiseAbs().maxCoeff())
                        : fmt::format("{}: a joint at ({:.6g}, {:.6g}) in an image of {} x {}; is that its size?",
                                      where, point.x(), point.y(), image.width, image.height));
    return place;
}

void KeypointFrames::check_pixels() const {
    constexpr double least = 2;
    if (!normalised_ && largest_ > 0 && largest_ <= least)
        throw Error(fmt::format("{}: no coordinate is beyond {:.3g}, so they are no pixels; write them in pixels "
                                "(OpenPose: --keypoint_scale 0)",
                                source_.string(), largest_));
}

void KeypointFrames::complete_row(const KeypointSequence& sequence, std::int64_t row) {
    float* values = poses_.image.data() + row * static_cast<std::int64_t>(kRow);
    ImagePose pose;
    for (std::size_t j = 0; j < pose.size(); ++j) pose[j] = {values[2 * j], values[2 * j + 1]};
    const auto missing = std::ranges::find_if_not(pose, is_seen);
    if (missing == pose.end()) return;
    if (options_.missing == MissingPolicy::refuse)
        throw Error(fmt::format("{}: sequence {}, frame {}: the {} is missing, and --missing is refuse",
                                source_.string(), sequence.name, poses_.frame[static_cast<std::size_t>(row)],
                                joint_names()[static_cast<std::size_t>(missing - pose.begin())]));
    const int filled = options_.missing == MissingPolicy::drop ? 0 : fill_joints(pose);
    if (filled == 0) {
        std::fill_n(values, kRow, std::numeric_limits<float>::quiet_NaN());
        poses_.valid[static_cast<std::size_t>(row)] = false;
        ++poses_.counts.dropped;
        return;
    }
    poses_.counts.filled += filled;
    for (std::size_t j = 0; j < pose.size(); ++j) {
        values[2 * j] = static_cast<float>(pose[j].x());
        values[2 * j + 1] = static_cast<float>(pose[j].y());
    }
}

void KeypointFrames::complete_rows() {
    for (const KeypointSequence& sequence : poses_.sequences) {
        if (sequence.in_time && options_.missing == MissingPolicy::interpolate)
            poses_.counts.interpolated +=
                interpolate_joints(std::span(poses_.image)
                                       .subspan(static_cast<std::size_t>(sequence.first) * kRow,
                                                static_cast<std::size_t>(sequence.count) * kRow),
                                   options_.max_gap);
        for (std::int64_t i = 0; i < sequence.count; ++i) complete_row(sequence, sequence.first + i);
    }
}

KeypointPoses KeypointFrames::finish() {
    if (poses_.sequences.empty() && !skipped_.empty())
        throw Error(fmt::format("{}: there is no sequence '{}'; there are {}", source_.string(), options_.sequence,
                                some(skipped_)));
    if (poses_.size() == 0 && poses_.counts.empty == 0) throw Error(source_.string() + ": holds no frame");
    if (std::ranges::all_of(poses_.person, [](int person) { return person < 0; }))
        throw Error(fmt::format("{}: the person asked for ({}) is in none of its {} frames", source_.string(),
                                options_.person, poses_.counts.empty));
    check_pixels();
    complete_rows();
    poses_.counts.frames = poses_.size();
    if (poses_.counts.dropped == poses_.counts.frames)
        throw Error(fmt::format("{}: in none of {} frames is a person seen well enough: every one lacks {}",
                                source_.string(), poses_.counts.frames,
                                options_.missing == MissingPolicy::drop ? "a joint" : "too many joints"));
    poses_.source = known_layout_ ? fmt::format("{}, {}", format_, known_layout_->name) : format_;
    return std::move(poses_);
}

} // namespace poseaug
