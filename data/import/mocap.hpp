#pragma once
#include "data/import/capture_space.hpp"
#include "data/import/joint_table.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace poseaug {

enum class MocapKind { bvh, acclaim };

struct MocapOptions {
    std::filesystem::path source;     ///< a file, or a folder that is searched with all its folders
    std::optional<JointTable> joints; ///< otherwise, for each clip, the first built-in table that fits
    std::optional<LengthUnit> unit;   ///< otherwise guessed from the length of the body
    std::optional<char> up;           ///< 'y' or 'z'; otherwise guessed from heads being above feet
    double fps = 50;                  ///< frames a second to write, as nearly as whole steps through the frames allow
    std::optional<double> source_fps; ///< frames a second of the source; otherwise the file's, or 120 for .amc
    std::map<std::string, std::string> subjects; ///< "S9" by performer, or by a file's name without its ending
    bool skip_broken = false;                    ///< passes over files that cannot be used
};

/// A file to import.
struct MocapClip {
    std::filesystem::path file, skeleton; ///< the .asf of an .amc; else empty
    std::string performer, subject, action;
};

/// What an import is going to do, after a look at some of the clips.
struct MocapPlan {
    MocapKind kind = MocapKind::bvh;
    std::vector<MocapClip> clips;                ///< subject by subject
    std::map<std::string, std::string> subjects; ///< by performer, and by clip where chosen for it alone
    std::size_t performers = 0;
    CaptureSpace space;
    double body_metres = 0; ///< median length of the bodies looked at, foot to head along the bones
};

/// What an import has done.
struct MocapReport {
    std::set<std::string> tables;               ///< joint tables used
    std::map<double, double> rates;             ///< frames a second, of the source to written
    std::map<std::string, std::int64_t> frames; ///< written, by subject
    std::int64_t pieces = 0;                    ///< written: clips are cut where the path leaves the cameras' sight
    std::int64_t outside = 0;                   ///< views in which part of the person is outside of the image
    std::int64_t near = 0;                      ///< views in which a joint is less than 1 m in front of the camera
    std::int64_t unseen = 0;                    ///< frames left out, as a joint is beside or behind a camera
    std::vector<std::string> skipped;           ///< what was wrong with each file passed over
};

/// Finds the clips, gives their performers subjects, and finds out unit and axes from up to five of them. Throws Error
/// if there is none, and for what cannot be read or guessed.
MocapPlan plan_mocap(MocapKind kind, const MocapOptions& options);

/// Films the clips, one at a time, with Human3.6M's four cameras of their subjects and writes `data_3d_h36m.npz` (32
/// joints, of which ours and Neck/Nose are filled, in world metres) and `data_2d_h36m_gt.npz` into `folder`: both or
/// none. `progress` receives the clips done and their number. Throws Error naming the file that cannot be used.
MocapReport import_mocap(const MocapPlan& plan, const MocapOptions& options, const std::filesystem::path& folder,
                         const std::function<void(std::int64_t, std::int64_t)>& progress = {});

} // namespace poseaug
