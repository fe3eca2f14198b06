#pragma once
#include "data/resident_poses.hpp"
#include "engine/steps.hpp"
#include "models/estimators.hpp"

#include <array>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace poseaug {

/// Means over poses.
struct Metrics {
    double mpjpe = 0, pa_mpjpe = 0, n_mpjpe = 0; ///< mm
    double pck = 0, auc = 0;                     ///< percent
    std::int64_t poses = 0;
};

/// An evaluation of one test set (method section 5).
struct EvaluationResult {
    Metrics all;
    std::vector<std::pair<std::string, Metrics>> per_action; ///< in file order
    Metrics actions;                                         ///< mean of the actions' means
    std::array<double, 16> per_joint{};                      ///< mm
    std::optional<double> mpjve; ///< mm from one taken frame to the next; none without clips
    bool flip = false;
};

/// Estimates of images (32, B), hip-relative (48, B); with `flip` averaged with the mirrored image's.
template <class T> Var estimate(Tape<T>& tape, const Estimator& estimator, Network<T>& network, Var image, bool flip);

/// Errors of each pose, (35, B): 16 joint errors (mm), 16 after Procrustes, N-MPJPE (mm), PCK and AUC (percent). Both
/// (48, B).
template <class T> Var pose_errors(Tape<T>& tape, Var estimate, Var truth);
inline constexpr int kErrorRows = 35;

/// Sum over frame pairs of the mean error (mm) of the joints' frame-to-frame displacement; poses (frames, 48), metres,
/// as they stand. Divided by frames - 1 it is MPJVE.
template <class E, class U> double velocity_error(const E* estimate, const U* truth, std::int64_t frames) {
    double sum = 0;
    for (std::int64_t i = 48; i < 48 * frames; i += 3) {
        double square = 0;
        for (std::int64_t k = i; k < i + 3; ++k) {
            const double moved = static_cast<double>(estimate[k]) - static_cast<double>(estimate[k - 48]);
            const double should = static_cast<double>(truth[k]) - static_cast<double>(truth[k - 48]);
            square += (moved - should) * (moved - should);
        }
        sum += 1000 * std::sqrt(square) / 16;
    }
    return sum;
}

/// Averages the errors (n, 35) of a set's poses; estimates (n, 48) serve MPJVE.
template <class T>
EvaluationResult summarise(const PoseSet& set, const std::vector<T>& errors, const std::vector<T>& estimates);

/// Runs an estimator over a test set on its device and measures it there; the host reads the poses' errors once.
template <class T> class Evaluator {
public:
    /// `set` must outlive the evaluator: its clips name the actions. `flip`: average with the mirrored image's
    /// estimate.
    Evaluator(Stream<T>& stream, const PoseSet& set, const Estimator& estimator, Network<T>& network, bool flip);
    EvaluationResult run();

private:
    void step(int cols);

    Stream<T>& stream_;
    Arena arena_;
    StepClock clock_;
    const PoseSet& set_;
    ResidentPoses<T> data_;
    const Estimator& estimator_;
    Network<T>& network_;
    bool flip_;
    DeviceArray<T> estimates_, errors_;
    RepeatedStep<T> whole_batch_;
};

extern template class Evaluator<float>;
extern template class Evaluator<double>;

} // namespace poseaug
