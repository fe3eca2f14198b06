#pragma once
#include "data/array.hpp"
#include "data/cameras.hpp"
#include "data/staged_files.hpp"
#include "kernels/skeleton.hpp"

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace poseaug {

/// Where our 16 joints stand in a frame of 32, 17 or 16, as Human3.6M's files order them. Throws Error, starting with
/// `where`, for another number.
std::array<int, kJoints> joints_among(std::int64_t joints, const std::string& where);

/// What Human3.6M's four cameras see of a clip of a subject's: (frames, 16, 2) pixels each, exact, from `positions`
/// (frames, 32, 17 or 16, 3) in world metres. Throws Error for subjects without calibration and other shapes.
std::array<Array, kH36mCameras> film(const std::string& subject, const Array& positions);

/// One .npz of the public layout, a pickled dict [subject][action] filled clip by clip: no more than one is held, what
/// came before waits in a file beside. Throws Error, naming the file, when it cannot be written.
class ClipFile {
public:
    /// `member` is "positions_3d" or "positions_2d".
    ClipFile(std::filesystem::path file, const std::string& member);
    ~ClipFile();
    ClipFile(const ClipFile&) = delete;
    ClipFile& operator=(const ClipFile&) = delete;
    /// A subject's clips have to follow each other; throws Error for one that comes again, and for a clip given twice.
    void add(const std::string& subject, const std::string& action, const Array& positions);
    void add(const std::string& subject, const std::string& action, std::array<Array, kH36mCameras> cameras);
    /// Writes the file; with `joints`, also the member `metadata` that the public 2D files have.
    void commit(std::int64_t joints = 0);

private:
    void add(const std::string& subject, const std::string& action, const Value& clip);
    struct Spool;
    std::unique_ptr<Spool> spool_;
};

/// Writes a data folder in the public Human3.6M layout: `data_3d_h36m.npz` and `data_2d_h36m_<keypoints>.npz`. Both
/// appear when `commit` has written all, or none does.
class PublicLayoutWriter {
public:
    /// Makes the folder where it is missing. Throws Error if it cannot be written.
    explicit PublicLayoutWriter(const std::filesystem::path& folder, const std::string& keypoints = "gt");
    /// A clip: `positions` (frames, 32, 17 or 16, 3) in world metres, and what each camera saw, (frames, 16, 2) pixels.
    /// All clips of one subject, then all of the next.
    void add(const std::string& subject, const std::string& action, const Array& positions,
             std::array<Array, kH36mCameras> detections);
    void commit();

private:
    StagedFiles files_;
    std::string name_2d_;
    ClipFile positions_, detections_;
};

} // namespace poseaug
