#pragma once
#include "data/h36m.hpp"
#include "data/resident_poses.hpp"
#include "training/checkpoints.hpp"
#include "training/image_set.hpp"
#include "training/random_decisions.hpp"
#include "training/runs.hpp"
#include "training/selection.hpp"
#include "training/test_sets.hpp"

#include <chrono>
#include <optional>

namespace poseaug {

// What pretraining and PoseAug runs have in common.

using RunScalar = float; ///< precision of runs

class Stopwatch {
public:
    double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

private:
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// The poses of a run as its options ask for them: a part held out, all moved to the boxes of another set.
struct RunPoses {
    PoseSet training, held_out;            ///< held_out is empty where the test sets choose
    std::vector<std::string> fingerprints; ///< of the held-out clips, of the poses as files have them
    std::string aligned_to;                ///< contents of the set whose boxes they have; empty: moved nowhere

    RunPoses(const RunOptions& o, const H36mFiles& files, const RunEvents& events);
};

/// What both runs need on the device; the networks' first draws and all decisions come of the seed.
struct RunParts {
    std::optional<H36mFiles> files; ///< until all is read
    RunPoses poses;
    DataPlacement placement;
    Stream<RunScalar> stream;
    StepClock clock;
    PhiloxDecisions<RunScalar> random;
    ResidentPoses<RunScalar> data;

    /// `needs` says what the run keeps beside the training poses, whose number is filled in.
    RunParts(Device& device, const RunOptions& o, const RunEvents& events, DataNeeds needs)
        : files(std::in_place, o.data, o.keypoints), poses(o, *files, events), placement(place(device, o, needs)),
          stream(device), clock(device), random(device, o.seed, clock.state()),
          data(device, poses.training, placement.poses) {
        poses.training = {}; // the device has them
        if (events.note) events.note(placement.text);
        if (data.count < 2)
            throw Error("the training subjects have " + std::to_string(data.count) + " poses; at least 2 are needed");
    }
    Progress progress(const RunEvents& events, const std::string& pass) const {
        if (!events.progress) return {};
        return [&events, pass](std::int64_t done, std::int64_t total) { events.progress(pass, done, total); };
    }

private:
    DataPlacement place(const Device& device, const RunOptions& o, DataNeeds needs) const {
        needs.poses = poses.training.size();
        return place_data(device, o.data_memory, needs);
    }
};

/// The settings both runs have, for `settings.json`.
nlohmann::json common_settings(const RunOptions& options, const Device& device, int width, const RunParts& parts);

/// Moves the held-out poses, where there are any, to the sets that are evaluated, as "held_out".
void add_held_out(TestSets<RunScalar>& tests, RunParts& parts);

/// How the best checkpoint by this set ("h36m", "3dhp", "held_out") is chosen.
ChosenBy chosen_by(const std::string& set, const RunOptions& options, const TestSets<RunScalar>& tests,
                   const RunParts& parts);

/// Errors by test set.
nlohmann::json to_json(const Evaluations& evaluations);

/// The results of an evaluation that the device has done; throws Error, before anything is saved, if the training has
/// ruined the estimator.
Evaluations finite_results(const TestSets<RunScalar>& tests, int epoch);

} // namespace poseaug
