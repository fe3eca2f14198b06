#include "app/import.hpp"
#include "app/keypoint_source.hpp"
#include "data/staged_files.hpp"
#include "kernels/skeleton.hpp"

#include <fmt/format.h>

#include <memory>

namespace poseaug::app {

namespace {

struct Settings {
    ImportPaths paths;
    KeypointChoice keypoints;
};

void run(const Settings& s) {
    const KeypointPoses poses = s.keypoints.load(s.paths.source);
    const std::string name = "keypoints_2d.npz";
    StagedFiles files(s.paths.out, {name});
    NpzWriter writer(files.path(name));
    writer.add("pose2d", Array::of({poses.size(), kJoints, 2}, poses.image));
    s.keypoints.add_members(writer, poses);
    writer.commit();
    files.deliver();
    fmt::print("{}{}: {} poses\n", describe(poses), (s.paths.out / name).string(), poses.size() - poses.counts.dropped);
}

} // namespace

void add_import_keypoints(CLI::App& import) {
    CLI::App* verb = import.add_subcommand("keypoints", "2D poses, of COCO, OpenPose or Human3.6M keypoints");
    const auto s = std::make_shared<Settings>();
    s->paths.add_to(*verb,
                    "VideoPose3D's .npz, MMPose, OpenPose or COCO .json, or a folder of .json files, one a frame");
    s->keypoints.add_to(*verb);
    verb->footer("Writes keypoints_2d.npz: pose2d (n, 16, 2) normalised, a row for every frame in the source's order, "
                 "with frame, sequence\nand valid; rows that are not valid are NaN. predict and --extra-2d take it.\n"
                 "Example:\n"
                 "  poseaug import keypoints openpose_json/ --out data --width 1920 --height 1080");
    verb->callback([s] { run(*s); });
}

} // namespace poseaug::app
