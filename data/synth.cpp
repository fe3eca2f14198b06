#include "data/synth.hpp"

#include "data/cameras.hpp"
#include "data/npz.hpp"
#include "data/public_layout.hpp"
#include "data/synth_cross.hpp"
#include "data/synth_detector.hpp"
#include "data/synth_motion.hpp"
#include "kernels/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <mutex>
#include <thread>

namespace poseaug {
namespace {

namespace fs = std::filesystem;
using Progress = std::function<void(double)>;

struct Performer {
    const char* name;
    double height;
};
constexpr Performer kPerformers[] = {{"S1", 1.64}, {"S5", 1.77}, {"S6", 1.70}, {"S7", 1.84},
                                     {"S8", 1.74}, {"S9", 1.67}, {"S11", 1.80}};
constexpr std::int64_t kPerformerCount = std::size(kPerformers);
constexpr double kBodySpread = 0.04;
constexpr double kFramesPerSecond = 10;    // every fifth of Human3.6M's frames: neighbours differ, so fewer do
constexpr std::int64_t kShortestClip = 20; // frames, where there are enough for more than one clip
constexpr int kLongestExtra = 3;           // frames by which detections may outrun positions

constexpr std::array<const char*, 4> kFiles = {"data_2d_h36m_noisy.npz", "data_2d_h36m_gt.npz", "data_3d_h36m.npz",
                                               "test_3dhp.npz"};
// Fine enough not to matter, coarse enough that files deflate well: 1/8 mm and 1/64 pixel.
constexpr double kPerMetre = 8192, kPerPixel = 64;

/// Where the 17 joints stand among Human3.6M's 32, and the 16 of the ground-truth detections among the 17.
constexpr std::array<int, kSynthJoints> kAmong32 = {0, 1, 2, 3, 6, 7, 8, 12, 13, 14, 15, 17, 18, 19, 25, 26, 27};
constexpr std::size_t kNose = 9;

struct ClipPlan {
    std::size_t performer, action;
    int take;
    std::int64_t frames;
    std::uint64_t number; ///< of the clip within its performer's
};

/// What is written of a clip.
struct ClipData {
    Array positions;                              ///< (frames, 32, 3) metres, world space
    std::array<Array, kH36mCameras> truth, noisy; ///< (frames, 16, 2) and (frames + 0 .. 3, 17, 2) pixels
};

enum Stream : std::uint64_t { body_stream = 1, motion_stream, extra_stream, noise_stream };

/// Calls task(0) .. task(count - 1) on all cores; `progress` hears from the calling thread alone.
template <class Task> void run_parallel(std::size_t count, const Task& task, const Progress& progress) {
    std::atomic<std::size_t> next{0}, done{0};
    std::exception_ptr failure;
    std::mutex failure_mutex;
    const auto work = [&](bool reports) {
        try {
            for (std::size_t i; (i = next++) < count;) {
                task(i);
                ++done;
                if (reports && progress) progress(static_cast<double>(done) / static_cast<double>(count));
            }
        } catch (...) {
            next = count;
            const std::scoped_lock lock(failure_mutex);
            if (!failure) failure = std::current_exception();
        }
    };
    {
        std::vector<std::jthread> helpers;
        const std::size_t cores = std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, 16);
        for (std::size_t i = 1; i < std::min(cores, count); ++i) helpers.emplace_back(work, false);
        work(true);
    }
    if (failure) std::rethrow_exception(failure);
}

/// `whole` in `parts` shares as equal as can be.
std::int64_t share(std::int64_t whole, std::int64_t parts, std::int64_t index) {
    return whole / parts + (index < whole % parts ? 1 : 0);
}

/// Every action once, then a second time ("Walking 1"), as far as the frames reach.
std::vector<ClipPlan> plan_clips(std::int64_t frames) {
    const auto actions = static_cast<std::int64_t>(studio_actions().size());
    std::vector<ClipPlan> clips;
    for (std::int64_t p = 0; p < kPerformerCount; ++p) {
        const std::int64_t own = share(frames, kPerformerCount, p);
        const std::int64_t count = std::clamp<std::int64_t>(own / kShortestClip, 1, 2 * actions);
        for (std::int64_t c = 0; c < count; ++c)
            clips.push_back({static_cast<std::size_t>(p), static_cast<std::size_t>(c % actions),
                             static_cast<int>(c / actions), share(own, count, c), static_cast<std::uint64_t>(c)});
    }
    return clips;
}

std::string clip_name(const ClipPlan& plan) {
    const std::string& action = studio_actions()[plan.action].name;
    return plan.take == 0 ? action : action + " " + std::to_string(plan.take);
}

Body performer_body(std::size_t performer, std::uint64_t seed) {
    SynthRandom random{{seed, body_stream, performer}};
    const double height = kPerformers[performer].height + random.uniform(-0.02, 0.02);
    return random_body(height, kBodySpread, random);
}

double rounded(double value, double per_unit) { return std::round(value * per_unit) / per_unit; }

Array positions_array(const std::vector<SynthPose>& poses, std::int64_t frames) {
    std::vector<float> values(static_cast<std::size_t>(frames) * 32 * 3, 0.0f);
    for (std::size_t f = 0; f < static_cast<std::size_t>(frames); ++f)
        for (std::size_t j = 0; j < kSynthJoints; ++j)
            for (std::size_t k = 0; k < 3; ++k)
                values[(f * 32 + static_cast<std::size_t>(kAmong32[j])) * 3 + k] =
                    static_cast<float>(poses[f][j][static_cast<Eigen::Index>(k)]);
    return Array::of({frames, 32, 3}, values);
}

/// What one camera sees of a clip: `frames` true frames with 16 joints, and detections of all poses with 17.
void observe(const std::vector<SynthPose>& poses, std::int64_t frames, const PixelCamera& lens,
             const CameraPlacement& placement, DetectorNoise noise, Array& truth, Array& noisy) {
    std::vector<float> exact, detected;
    exact.reserve(static_cast<std::size_t>(frames) * 16 * 2);
    detected.reserve(poses.size() * kSynthJoints * 2);
    for (std::size_t f = 0; f < poses.size(); ++f) {
        const auto& errors = noise.next();
        for (std::size_t j = 0; j < kSynthJoints; ++j) {
            const Eigen::Vector2d pixel = project_to_pixel(lens, world_to_camera(placement, poses[f][j]));
            for (int k = 0; k < 2; ++k) {
                detected.push_back(static_cast<float>(rounded(pixel[k] + errors[j][k], kPerPixel)));
                if (j != kNose && f < static_cast<std::size_t>(frames))
                    exact.push_back(static_cast<float>(rounded(pixel[k], kPerPixel)));
            }
        }
    }
    truth = Array::of({frames, 16, 2}, exact);
    noisy = Array::of({std::ssize(poses), kSynthJoints, 2}, detected);
}

ClipData make_clip(const ClipPlan& plan, std::uint64_t seed) {
    SynthRandom random{{seed, extra_stream, plan.performer, plan.number}};
    const std::int64_t extra = static_cast<std::int64_t>(random.below(kLongestExtra + 1));
    const std::int64_t seen = plan.frames + extra;
    const Motion motion(studio_actions()[plan.action], performer_body(plan.performer, seed),
                        static_cast<double>(seen) / kFramesPerSecond,
                        SynthRandom{{seed, motion_stream, plan.performer, plan.number}});
    std::vector<SynthPose> poses;
    for (std::int64_t f = 0; f < seen; ++f) {
        poses.push_back(motion.at(static_cast<double>(f) / kFramesPerSecond));
        for (Eigen::Vector3d& joint : poses.back())
            for (double& value : joint) value = rounded(value, kPerMetre);
    }
    ClipData data{positions_array(poses, plan.frames), {}, {}};
    const auto& placements = h36m_placements(kPerformers[plan.performer].name);
    for (std::size_t c = 0; c < kH36mCameras; ++c)
        observe(poses, plan.frames, h36m_intrinsics()[c], placements[c],
                DetectorNoise(SynthRandom{{seed, noise_stream, plan.performer, plan.number, c}}), data.truth[c],
                data.noisy[c]);
    return data;
}

/// Writes a 2D or 3D file: `clip(i)` is what it holds of clip i. Of 2D with `joints` a frame.
template <class Clip>
void write_clips(const fs::path& file, const char* member, const std::vector<ClipPlan>& plans, const Clip& clip,
                 std::int64_t joints = 0) {
    ClipFile clips(file, member);
    for (std::size_t i = 0; i < plans.size(); ++i)
        clips.add(kPerformers[plans[i].performer].name, clip_name(plans[i]), clip(i));
    clips.commit(joints);
}

void write_cross_set(const fs::path& file, const SynthOptions& options) {
    const CrossSet set = make_cross_set(std::clamp<std::int64_t>(options.poses / 10, 1, 3000), options.seed);
    NpzWriter writer(file);
    writer.add("pose3d", set.pose3d);
    writer.add("pose2d", set.pose2d);
    writer.commit();
}

} // namespace

void write_synthetic(const fs::path& folder, const SynthOptions& options, const Progress& progress) {
    constexpr std::int64_t least = kPerformerCount * kH36mCameras;
    if (options.poses < least)
        throw Error(fmt::format("{} poses are too few; ask for at least {}, a frame a subject.", options.poses, least));
    StagedFiles files(folder, {kFiles.begin(), kFiles.end()});
    const std::vector<ClipPlan> plans = plan_clips(options.poses / kH36mCameras);
    std::vector<ClipData> clips(plans.size());
    const auto part = [&](double from, double to) {
        return [&progress, from, to](double done) {
            if (progress) progress(from + done * (to - from));
        };
    };
    run_parallel(
        plans.size(), [&](std::size_t i) { clips[i] = make_clip(plans[i], options.seed); }, part(0, 0.4));

    // Each takes its own part of the clips, so that they can run at once. In the order of kFiles.
    const std::array<std::function<void(const fs::path&)>, 4> writers = {
        [&](const fs::path& file) {
            write_clips(
                file, "positions_2d", plans, [&](auto i) { return std::move(clips[i].noisy); }, kSynthJoints);
        },
        [&](const fs::path& file) {
            write_clips(
                file, "positions_2d", plans, [&](auto i) { return std::move(clips[i].truth); }, kJoints);
        },
        [&](const fs::path& file) {
            write_clips(file, "positions_3d", plans, [&](auto i) { return std::move(clips[i].positions); });
        },
        [&](const fs::path& file) { write_cross_set(file, options); },
    };
    run_parallel(
        kFiles.size(), [&](std::size_t i) { writers[i](files.path(kFiles[i])); }, part(0.4, 1));
    files.deliver();
    if (progress) progress(1);
}

} // namespace poseaug
