#pragma once
#include "data/h36m.hpp"
#include "data/resident_poses.hpp"
#include "training/random_decisions.hpp"
#include "training/runs.hpp"
#include "training/test_sets.hpp"

#include <chrono>

namespace poseaug {

// What pretraining and PoseAug runs have in common.

using Real = float; ///< precision of runs

class Stopwatch {
public:
    double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

private:
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// What both runs need on the device; the networks' first draws and all decisions come of the seed.
struct RunParts {
    Stream<Real> stream;
    StepClock clock;
    PhiloxDecisions<Real> random;
    ResidentPoses<Real> data;

    RunParts(Device& device, const RunOptions& o)
        : stream(device), clock(device), random(device, o.seed, clock.state()),
          data(device, load_h36m(o.data, o.keypoints, o.subjects, o.stride)) {
        if (data.count < 2)
            throw Error("the training subjects have " + std::to_string(data.count) + " poses; at least 2 are needed");
    }
    Progress progress(const RunEvents& events, const std::string& pass) const {
        if (!events.progress) return {};
        return [&events, pass](std::int64_t done, std::int64_t total) { events.progress(pass, done, total); };
    }
};

/// The settings both runs have, for `settings.json`.
nlohmann::json common_settings(const RunOptions& options, const Device& device, int width);

/// Errors by test set.
nlohmann::json to_json(const Evaluations& evaluations);

/// Evaluates; throws Error, before anything is saved, if the training has ruined the estimator.
Evaluations evaluate_finite(TestSets<Real>& tests, int epoch);

} // namespace poseaug
