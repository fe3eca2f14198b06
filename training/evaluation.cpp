#include "training/evaluation.hpp"

#include "kernels/pose/bones.hpp"
#include "kernels/pose/flip.hpp"
#include "kernels/pose/metrics.hpp"
#include "kernels/skeleton.hpp"
#include "training/batches.hpp"

#include <algorithm>
#include <cmath>

namespace poseaug {

namespace {

constexpr int kEvaluationBatch = 2048;
enum ErrorColumn { kJointError = 0, kProcrustes = 16, kScaled = 32, kPck = 33, kAuc = 34 };

/// Sums over poses, turned into means.
class Mean {
public:
    template <class T> void add(const T* errors) {
        for (int j = 0; j < kJoints; ++j) {
            joint_[static_cast<std::size_t>(j)] += static_cast<double>(errors[kJointError + j]);
            sum_.pa_mpjpe += static_cast<double>(errors[kProcrustes + j]);
        }
        sum_.n_mpjpe += static_cast<double>(errors[kScaled]);
        sum_.pck += static_cast<double>(errors[kPck]);
        sum_.auc += static_cast<double>(errors[kAuc]);
        ++sum_.poses;
    }
    Metrics metrics() const {
        const auto n = static_cast<double>(std::max<std::int64_t>(1, sum_.poses));
        Metrics m = sum_;
        for (const double e : joint_) m.mpjpe += e / kJoints;
        for (double* v : {&m.mpjpe, &m.n_mpjpe, &m.pck, &m.auc}) *v /= n;
        m.pa_mpjpe /= n * kJoints;
        return m;
    }
    std::array<double, 16> per_joint() const {
        auto mean = joint_;
        for (double& v : mean) v /= static_cast<double>(std::max<std::int64_t>(1, sum_.poses));
        return mean;
    }

private:
    Metrics sum_;
    std::array<double, 16> joint_{};
};

Metrics mean_of_actions(const std::vector<std::pair<std::string, Metrics>>& actions) {
    Metrics mean;
    const auto n = static_cast<double>(std::max<std::size_t>(1, actions.size()));
    for (const auto& [name, m] : actions) {
        mean.mpjpe += m.mpjpe / n;
        mean.pa_mpjpe += m.pa_mpjpe / n;
        mean.n_mpjpe += m.n_mpjpe / n;
        mean.pck += m.pck / n;
        mean.auc += m.auc / n;
        mean.poses += m.poses;
    }
    return mean;
}

std::vector<double> hip_relative(const PoseSet& set, const Clip& clip) {
    std::vector<double> poses;
    for (std::int64_t i = clip.first; i < clip.first + clip.count; ++i) {
        const float* pose = &set.joints[static_cast<std::size_t>(i) * 48];
        for (int r = 0; r < 48; ++r) poses.push_back(static_cast<double>(pose[r]) - static_cast<double>(pose[r % 3]));
    }
    return poses;
}

} // namespace

template <class T> Var estimate(Tape<T>& tape, const Estimator& estimator, Network<T>& network, Var image, bool flip) {
    Scope<T> scope(tape, network, {});
    const Var pose = estimator.forward(scope, image);
    if (!flip) return tape.template apply<HipRelative>({pose});
    const Var mirrored = estimator.forward(scope, tape.template apply<MirrorImage>({image}));
    return tape.template apply<HipRelative>({tape.template apply<FlipAverage>({pose, mirrored})});
}

template <class T> Var pose_errors(Tape<T>& tape, Var estimate, Var truth) {
    const auto e = tape.template apply_all<PoseErrors>({estimate, truth});
    const Var scores = tape.template apply<ConcatRows>({e[2], e[3], e[4]});
    return tape.template apply<ConcatRows>({e[0], e[1], scores});
}

template <class T>
EvaluationResult summarise(const PoseSet& set, const std::vector<T>& errors, const std::vector<T>& estimates) {
    EvaluationResult result;
    Mean all;
    std::vector<std::pair<std::string, Mean>> actions;
    double velocity = 0, velocities = 0;
    for (const Clip& clip : set.clips) {
        const std::string action = action_of(clip.action);
        auto found = std::find_if(actions.begin(), actions.end(), [&](const auto& a) { return a.first == action; });
        if (found == actions.end()) found = actions.insert(actions.end(), {action, Mean()});
        for (std::int64_t i = clip.first; i < clip.first + clip.count; ++i) {
            const T* row = &errors[static_cast<std::size_t>(i) * kErrorRows];
            all.add(row);
            found->second.add(row);
        }
        if (!clip.sequence) continue;
        velocity += velocity_error(&estimates[static_cast<std::size_t>(clip.first) * 48],
                                   hip_relative(set, clip).data(), clip.count);
        velocities += static_cast<double>(std::max<std::int64_t>(0, clip.count - 1));
    }
    for (const auto& [name, mean] : actions) result.per_action.emplace_back(name, mean.metrics());
    result.all = all.metrics();
    result.per_joint = all.per_joint();
    result.actions = mean_of_actions(result.per_action);
    if (velocities > 0) result.mpjve = velocity / velocities;
    return result;
}

template <class T>
Evaluator<T>::Evaluator(Stream<T>& stream, const PoseSet& set, const Estimator& estimator, Network<T>& network,
                        bool flip)
    : stream_(stream), arena_(stream.device()), clock_(stream.device()), set_(set), data_(stream.device(), set),
      estimator_(estimator), network_(network), flip_(flip), estimates_(stream.device(), data_.count * 48),
      errors_(stream.device(), data_.count * kErrorRows) {}

template <class T> void Evaluator<T>::step(int cols) {
    arena_.rewind();
    Tape<T> tape(stream_, arena_);
    const auto take = [&](const DeviceArray<T>& from, int rows) {
        return tape.constant(gather<T>(tape, from.data(), rows, nullptr, clock_.state(), kEvaluationBatch, cols));
    };
    const Var pose = estimate(tape, estimator_, network_, take(data_.image, 32), flip_);
    const Var truth = tape.template apply<HipRelative>({take(data_.joints, 48)});
    scatter(tape, tape.value(pose_errors(tape, pose, truth)), errors_.data(), clock_.state(), kEvaluationBatch);
    scatter(tape, tape.value(pose), estimates_.data(), clock_.state(), kEvaluationBatch);
    clock_.advance(stream_);
}

template <class T> EvaluationResult Evaluator<T>::run() {
    clock_.begin_pass();
    for (std::int64_t i = 0; i < batch_count(data_.count, kEvaluationBatch); ++i) {
        const int cols = batch_columns(data_.count, kEvaluationBatch, i);
        const auto one = [&] { step(cols); };
        if (cols == kEvaluationBatch) whole_batch_.run(stream_, one);
        else one();
        clock_.stepped();
    }
    EvaluationResult result = summarise(set_, errors_.download(), estimates_.download());
    result.flip = flip_;
    return result;
}

template Var estimate(Tape<float>&, const Estimator&, Network<float>&, Var, bool);
template Var estimate(Tape<double>&, const Estimator&, Network<double>&, Var, bool);
template Var pose_errors(Tape<float>&, Var, Var);
template Var pose_errors(Tape<double>&, Var, Var);
template EvaluationResult summarise(const PoseSet&, const std::vector<float>&, const std::vector<float>&);
template EvaluationResult summarise(const PoseSet&, const std::vector<double>&, const std::vector<double>&);
template class Evaluator<float>;
template class Evaluator<double>;

} // namespace poseaug
