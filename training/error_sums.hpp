#pragma once
#include "data/pose_set.hpp"
#include "engine/host_copy.hpp"
#include "engine/stream.hpp"

#include <array>
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

/// Rows of a pose's errors: 16 joint errors (mm), 16 after Procrustes, N-MPJPE (mm), PCK and AUC (percent).
inline constexpr int kErrorRows = 35;

/// The errors of a set's poses, summed on the device by runs of poses of a clip: of these sums the host makes all means.
template <class T> class ErrorSums {
public:
    ErrorSums(Device& device, std::vector<Clip> clips);

    /// Queues the sums over errors (n, 35), estimates (n, 48) and true joints (n, 48), pose-major, and their reading. The
    /// estimates, relative to their hips, and the joints, in metres, serve MPJVE.
    void queue(Stream<T>& stream, const DeviceArray<T>& errors, const DeviceArray<T>& estimates,
               const DeviceArray<T>& joints);
    /// The means, once the device has been synchronized.
    EvaluationResult result() const;

private:
    std::vector<Clip> clips_;
    std::vector<std::int64_t> end_of_clip_; ///< runs up to the end of each clip
    DeviceArray<PoseRun> runs_;
    std::vector<std::int32_t> poses_of_run_;
    DeviceArray<double> sums_;
    HostCopy<double> read_;
};

extern template class ErrorSums<float>;
extern template class ErrorSums<double>;

} // namespace poseaug
