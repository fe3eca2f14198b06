#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>

namespace poseaug {

struct SynthOptions {
    std::int64_t poses = 100'000; ///< training and test subjects together, counted per camera view
    std::uint64_t seed = 0;
};

/// Writes built-in human motion in the public layout into `folder` (made if missing): `data_3d_h36m.npz`,
/// `data_2d_h36m_gt.npz` and `data_2d_h36m_noisy.npz` (17 joints, detector-like noise) with `poses` / 4 frames of
/// upright and seated people seen by Human3.6M's cameras, and `test_3dhp.npz` with at most a tenth as many poses (and
/// at most 3000) from another distribution: other proportions, wider motion, other cameras. The same options give the
/// same bytes. `progress` receives the share done, 0 to 1, on the calling thread. All four files appear, or none:
/// throws Error for too few poses and for a folder that cannot be written.
void write_synthetic(const std::filesystem::path& folder, const SynthOptions& options,
                     const std::function<void(double)>& progress = {});

} // namespace poseaug
