#include "training/error_sums.hpp"

#include "kernels/skeleton.hpp"

#include <algorithm>

namespace poseaug {

namespace {

constexpr std::int64_t kPosesOfRun = 1024;
constexpr int kSumColumns = kErrorRows + 1; ///< the last is of displacements
enum ErrorColumn { kJointError = 0, kProcrustes = 16, kScaled = 32, kPck = 33, kAuc = 34, kDisplacement = 35 };

/// Sums over poses, turned into means.
class Mean {
public:
    void add(const double* sums, std::int64_t poses) {
        for (int j = 0; j < kJoints; ++j) {
            joint_[static_cast<std::size_t>(j)] += sums[kJointError + j];
            sum_.pa_mpjpe += sums[kProcrustes + j];
        }
        sum_.n_mpjpe += sums[kScaled];
        sum_.pck += sums[kPck];
        sum_.auc += sums[kAuc];
        sum_.poses += poses;
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

std::vector<PoseRun> runs_of(const Clip& clip) {
    std::vector<PoseRun> runs;
    for (std::int64_t done = 0; done < clip.count; done += kPosesOfRun) {
        const auto count = static_cast<std::int32_t>(std::min(kPosesOfRun, clip.count - done));
        runs.push_back({clip.first + done, count, clip.sequence ? (done == 0 ? 1 : 0) : count});
    }
    return runs;
}

} // namespace

template <class T>
ErrorSums<T>::ErrorSums(Device& device, std::vector<Clip> clips) : clips_(std::move(clips)), read_(device, 0) {
    std::vector<PoseRun> all;
    for (const Clip& clip : clips_) {
        const std::vector<PoseRun> runs = runs_of(clip);
        all.insert(all.end(), runs.begin(), runs.end());
        end_of_clip_.push_back(std::ssize(all));
    }
    for (const PoseRun& run : all) poses_of_run_.push_back(run.count);
    runs_ = DeviceArray<PoseRun>(device, all);
    sums_ = DeviceArray<double>(device, std::ssize(all) * kSumColumns);
    read_ = HostCopy<double>(device, sums_.size());
}

template <class T>
void ErrorSums<T>::queue(Stream<T>& stream, const DeviceArray<T>& errors, const DeviceArray<T>& estimates,
                         const DeviceArray<T>& joints) {
    const auto matrix = [](const DeviceArray<T>& values, int cols) {
        return View<const T>{values.data(), static_cast<int>(values.size() / cols), cols, cols};
    };
    Call<T> call;
    call.attributes = Attributes::of(SumErrors{runs_.data(), sums_.data(), runs_.size()});
    call.in[0] = matrix(errors, kErrorRows);
    call.in[1] = matrix(estimates, 3 * kJoints);
    call.in[2] = matrix(joints, 3 * kJoints);
    stream.run(sum_errors_procedure(), call);
    read_.queue(sums_);
}

template <class T> EvaluationResult ErrorSums<T>::result() const {
    EvaluationResult result;
    Mean all;
    std::vector<std::pair<std::string, Mean>> actions;
    double displacement = 0;
    std::int64_t run = 0, displaced = 0;
    for (std::size_t c = 0; c < clips_.size(); ++c) {
        const Clip& clip = clips_[c];
        const std::string action = action_of(clip.action);
        auto found = std::find_if(actions.begin(), actions.end(), [&](const auto& a) { return a.first == action; });
        if (found == actions.end()) found = actions.insert(actions.end(), {action, Mean()});
        for (; run < end_of_clip_[c]; ++run) {
            const double* sums = &read_.values()[static_cast<std::size_t>(run * kSumColumns)];
            const std::int64_t poses = poses_of_run_[static_cast<std::size_t>(run)];
            all.add(sums, poses);
            found->second.add(sums, poses);
            displacement += sums[kDisplacement];
        }
        if (clip.sequence) displaced += std::max<std::int64_t>(0, clip.count - 1);
    }
    for (const auto& [name, mean] : actions) result.per_action.emplace_back(name, mean.metrics());
    result.all = all.metrics();
    result.per_joint = all.per_joint();
    result.actions = mean_of_actions(result.per_action);
    if (displaced > 0) result.mpjve = displacement / static_cast<double>(displaced);
    return result;
}

template class ErrorSums<float>;
template class ErrorSums<double>;

} // namespace poseaug
