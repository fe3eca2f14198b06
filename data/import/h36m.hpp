#pragma once
#include "data/import/progress.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace poseaug {

/// What an import of Human3.6M read and left out.
struct H36mImport {
    struct Subject {
        std::string name;
        std::int64_t clips = 0, frames = 0;
    };
    std::string format; ///< "HDF5 files" or "MATLAB files"
    std::vector<Subject> subjects;
    std::vector<std::string> left_out; ///< each with its reason
    std::int64_t clips() const;
    std::int64_t frames() const;
};

/// Writes `data_3d_h36m.npz` and `data_2d_h36m_gt.npz` (exact projections by the four cameras) into the folder `out`
/// from Human3.6M's 3D positions in `source`: a zip archive or folder of `S1/MyPoses/3D_positions/*.h5` (dataset
/// `3D_positions`, 96 rows x frames, millimetres), or a folder of `S1/MyPoseFeatures/D3_Positions/*.cdf.mat` (variable
/// `data`, frames x 96); either below `h36m/` or not. Both files appear or none. One clip is in memory at a time. Throws
/// Error naming the file that does not fit.
H36mImport import_h36m(const std::filesystem::path& source, const std::filesystem::path& out,
                       const ImportProgress& progress = {});

} // namespace poseaug
