#include "data/import/mocap.hpp"

#include "data/cameras.hpp"
#include "data/import/acclaim.hpp"
#include "data/import/bvh.hpp"
#include "data/import/mocap_files.hpp"
#include "data/import/performers.hpp"
#include "data/public_layout.hpp"
#include "kernels/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace poseaug {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kClipsLookedAt = 5;
constexpr std::int64_t kPosesLookedAt = 50; // of each
constexpr double kAcclaimRate = 120;
constexpr double kExtent = 2.4;                           // metres of ground that a piece may cover either way
constexpr double kNearMetres = 1, kSeenMetres = 0.1;      // depth
constexpr double kShortestGiven = 0.3, kLongestGiven = 3; // metres of body, where the unit was given

/// Reads clips, keeping the skeleton that many motions share.
class ClipReader {
public:
    MotionClip read(const MocapClip& clip) {
        if (clip.skeleton.empty()) return read_bvh(clip.file);
        if (skeleton_file_ != clip.skeleton) {
            skeleton_ = read_asf(clip.skeleton);
            skeleton_file_ = clip.skeleton;
        }
        return read_amc(skeleton_, clip.file);
    }

private:
    fs::path skeleton_file_;
    AcclaimSkeleton skeleton_;
};

const JointTable& table_for(const MotionClip& clip, const MocapOptions& options) {
    return options.joints ? *options.joints : fitting_joint_table(clip);
}

std::vector<BodyPose> every_pose(const MotionClip& clip, const JointTable& table, std::int64_t step) {
    const JointMap map(table, clip);
    std::vector<BodyPose> poses;
    for (std::int64_t frame = 0; frame < clip.frames; frame += step) poses.push_back(map.pose(clip, frame));
    return poses;
}

double mean_length(const std::vector<BodyPose>& poses) {
    double sum = 0;
    for (const BodyPose& pose : poses) sum += body_length(pose);
    return sum / static_cast<double>(poses.size());
}

int number_of(const std::string& subject) { return std::stoi(subject.substr(1)); }

std::vector<MocapClip> find_clips(MocapKind kind, const MocapOptions& options) {
    std::vector<MocapClip> clips;
    for (const fs::path& file : files_of_kind(options.source, kind == MocapKind::bvh ? ".bvh" : ".amc")) {
        const ClipName name = name_clip(file);
        clips.push_back({file, {}, name.performer, "", name.action});
        if (kind == MocapKind::acclaim) clips.back().skeleton = skeleton_of_motion(file);
    }
    return clips;
}

/// Gives every clip a subject: its own where its name was chosen for, or else its performer's.
void give_subjects(MocapPlan& plan, const MocapOptions& options) {
    std::set<std::string> performers;
    for (const MocapClip& clip : plan.clips) performers.insert(clip.performer);
    std::map<std::string, std::string> by_performer = options.subjects, by_clip;
    for (const MocapClip& clip : plan.clips)
        if (const std::string name = clip.file.stem().string(); !performers.contains(name))
            if (auto chosen = by_performer.extract(name)) by_clip.insert(std::move(chosen));
    for (const auto& [name, subject] : by_clip) h36m_placements(subject);
    plan.subjects = assign_subjects({performers.begin(), performers.end()}, by_performer);
    plan.performers = plan.subjects.size();
    plan.subjects.insert(by_clip.begin(), by_clip.end());
    for (MocapClip& clip : plan.clips) {
        const auto own = by_clip.find(clip.file.stem().string());
        clip.subject = own != by_clip.end() ? own->second : plan.subjects.at(clip.performer);
    }
}

/// Finds unit and upward axis from clips spread over all there are.
void look_at_clips(MocapPlan& plan, const MocapOptions& options) {
    std::vector<double> lengths;
    std::vector<BodyPose> seen;
    ClipReader reader;
    const std::size_t count = std::min(plan.clips.size(), kClipsLookedAt);
    for (std::size_t i = 0; i < count; ++i) {
        try {
            const MotionClip clip = reader.read(plan.clips[i * plan.clips.size() / count]);
            const std::int64_t step = std::max<std::int64_t>(1, clip.frames / kPosesLookedAt);
            const auto poses = every_pose(clip, table_for(clip, options), step);
            lengths.push_back(mean_length(poses));
            seen.insert(seen.end(), poses.begin(), poses.end());
        } catch (const Error&) {
            if (!options.skip_broken) throw;
        }
    }
    if (lengths.empty())
        throw Error(fmt::format("None of the {} clips looked at in {} can be used; without --skip-broken the first is "
                                "named.",
                                count, options.source.string()));
    std::ranges::nth_element(lengths, lengths.begin() + std::ssize(lengths) / 2);
    const double length = lengths[lengths.size() / 2];
    plan.space = {options.unit ? *options.unit : guess_unit(length), options.up ? *options.up : guess_up(seen)};
    plan.body_metres = length * plan.space.unit.metres;
}

/// (frames, 32, 3): ours where Human3.6M has them, and midway between thorax and head the Neck/Nose that is dropped
/// from 17 joints.
Array positions_of(const std::vector<BodyPose>& poses, const Piece& piece, const Eigen::Vector3d& moved) {
    constexpr std::int64_t joints = 32;
    constexpr std::size_t nose = 14;
    const auto among = joints_among(joints, "");
    std::vector<float> values(static_cast<std::size_t>(piece.count * joints * 3), 0.0f);
    for (std::int64_t f = 0; f < piece.count; ++f) {
        const BodyPose pose = poses[static_cast<std::size_t>(piece.first + f)].colwise() + moved;
        const auto put = [&](std::size_t joint, const Eigen::Vector3d& place) {
            for (std::size_t k = 0; k < 3; ++k)
                values[(static_cast<std::size_t>(f * joints) + joint) * 3 + k] =
                    static_cast<float>(place[static_cast<Eigen::Index>(k)]);
        };
        for (int j = 0; j < kJoints; ++j)
            put(static_cast<std::size_t>(among[static_cast<std::size_t>(j)]), pose.col(j));
        put(nose, (pose.col(8) + pose.col(9)) / 2);
    }
    return Array::of({piece.count, joints, 3}, values);
}

/// The least depth of a joint before a camera.
double least_depth(const BodyPose& pose, const CameraPlacement& camera) {
    double least = std::numeric_limits<double>::max();
    for (int j = 0; j < kJoints; ++j) least = std::min(least, world_to_camera(camera, pose.col(j)).z());
    return least;
}

/// How many frames of (frames, 16, 2) pixels are not wholly within the image.
std::int64_t count_outside(const Array& pixels, const PixelCamera& camera) {
    const std::vector<float> values = pixels.floats();
    std::int64_t outside = 0;
    for (std::size_t frame = 0; frame < values.size(); frame += 2 * kJoints) {
        bool inside = true;
        for (std::size_t i = frame; i < frame + 2 * kJoints; i += 2)
            inside = inside && values[i] >= 0 && values[i] < static_cast<float>(camera.width) && values[i + 1] >= 0 &&
                     values[i + 1] < static_cast<float>(camera.height);
        outside += inside ? 0 : 1;
    }
    return outside;
}

class Importer {
public:
    Importer(const MocapPlan& plan, const MocapOptions& options, const fs::path& folder)
        : plan_(plan), options_(options), writer_(folder) {}

    void add(const MocapClip& clip) {
        try {
            film_clip(clip, world_poses(clip));
        } catch (const Error& error) {
            if (!options_.skip_broken) throw;
            report_.skipped.emplace_back(error.what());
        }
    }

    MocapReport finish() {
        if (report_.pieces == 0) throw Error(fmt::format("No clip of {} can be used.", options_.source.string()));
        writer_.commit();
        return std::move(report_);
    }

private:
    std::vector<BodyPose> world_poses(const MocapClip& file) {
        const MotionClip clip = reader_.read(file);
        const double rate = options_.source_fps ? *options_.source_fps : clip.rate > 0 ? clip.rate : kAcclaimRate;
        const std::int64_t step = std::max<std::int64_t>(1, std::llround(rate / options_.fps));
        const JointTable& table = table_for(clip, options_);
        std::vector<BodyPose> poses = every_pose(clip, table, step);
        for (BodyPose& pose : poses) pose = to_world(pose, plan_.space);
        const double length = mean_length(poses);
        const bool human =
            options_.unit ? length >= kShortestGiven && length <= kLongestGiven : is_human_length(length);
        if (!human)
            throw Error(fmt::format("{}: the body is {:.3g} m long if the unit is {}. Import it on its own, or give "
                                    "another --unit.",
                                    clip.source, length, plan_.space.unit.name));
        report_.tables.insert(table.name);
        report_.rates[rate] = rate / static_cast<double>(step);
        return poses;
    }

    void film_clip(const MocapClip& clip, const std::vector<BodyPose>& poses) {
        const Eigen::Vector2d middle = middle_of_view(clip.subject);
        const double floor = floor_height(poses);
        const std::vector<Piece> pieces = cut_path(poses, kExtent);
        int number = 0;
        for (const Piece& piece : pieces) {
            const Eigen::Vector3d moved(middle.x() - piece.middle.x(), middle.y() - piece.middle.y(), -floor);
            if (!can_be_seen(clip.subject, poses, piece, moved)) {
                report_.unseen += piece.count;
                continue;
            }
            const Array positions = positions_of(poses, piece, moved);
            auto images = film(clip.subject, positions);
            for (std::size_t c = 0; c < images.size(); ++c)
                report_.outside += count_outside(images[c], h36m_intrinsics()[c]);
            writer_.add(clip.subject, unused_name(clip, pieces.size() > 1 ? ++number : 0), positions,
                        std::move(images));
            report_.frames[clip.subject] += piece.count;
            ++report_.pieces;
        }
    }

    /// Counts views from near on the way.
    bool can_be_seen(const std::string& subject, const std::vector<BodyPose>& poses, const Piece& piece,
                     const Eigen::Vector3d& moved) {
        std::int64_t near = 0;
        for (std::int64_t f = piece.first; f < piece.first + piece.count; ++f)
            for (const CameraPlacement& camera : h36m_placements(subject)) {
                const double depth = least_depth(poses[static_cast<std::size_t>(f)].colwise() + moved, camera);
                if (!(depth >= kSeenMetres)) return false;
                if (depth < kNearMetres) ++near;
            }
        report_.near += near;
        return true;
    }

    /// "walk", or of several pieces "walk 1" and so on; with a higher number where the subject has that already.
    std::string unused_name(const MocapClip& clip, int number) {
        std::string name = clip.action;
        if (number > 0) name += fmt::format(" {}", number);
        while (!names_.insert(clip.subject + "/" + name).second) name = fmt::format("{} {}", clip.action, ++number);
        return name;
    }

    const MocapPlan& plan_;
    const MocapOptions& options_;
    PublicLayoutWriter writer_;
    ClipReader reader_;
    MocapReport report_;
    std::set<std::string> names_;
};

} // namespace

MocapPlan plan_mocap(MocapKind kind, const MocapOptions& options) {
    MocapPlan plan;
    plan.kind = kind;
    plan.clips = find_clips(kind, options);
    give_subjects(plan, options);
    std::ranges::stable_sort(plan.clips, {}, [](const MocapClip& clip) { return number_of(clip.subject); });
    look_at_clips(plan, options);
    return plan;
}

MocapReport import_mocap(const MocapPlan& plan, const MocapOptions& options, const fs::path& folder,
                         const std::function<void(std::int64_t, std::int64_t)>& progress) {
    Importer importer(plan, options, folder);
    for (std::size_t i = 0; i < plan.clips.size(); ++i) {
        importer.add(plan.clips[i]);
        if (progress) progress(static_cast<std::int64_t>(i) + 1, std::ssize(plan.clips));
    }
    return importer.finish();
}

} // namespace poseaug
