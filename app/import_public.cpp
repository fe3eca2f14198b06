#include "app/import.hpp"
#include "app/options.hpp"
#include "app/progress.hpp"
#include "data/import/h36m.hpp"
#include "data/import/mpi_inf_3dhp.hpp"
#include "data/import/pw3d.hpp"

#include <fmt/format.h>

#include <functional>
#include <memory>

namespace poseaug::app {

namespace {

struct Settings {
    ImportPaths paths;
    std::string annotation, keypoints = "projected";
};

/// Runs `import` with a progress line.
template <class Import> auto with_progress(const char* what, const Import& import) {
    ProgressLine line(what);
    const auto result = import([&](std::int64_t done, std::int64_t total) { line.update(done, total); });
    line.finish();
    return result;
}

void run_h36m(const Settings& s) {
    const H36mImport done = with_progress("reading clips", [&](const ImportProgress& progress) {
        return import_h36m(s.paths.source, s.paths.out, progress);
    });
    fmt::print("{}: data_3d_h36m.npz and data_2d_h36m_gt.npz, from {} {}\n", s.paths.out.string(), done.clips(),
               done.format);
    for (const auto& subject : done.subjects)
        fmt::print("  {}: {} actions, {} frames\n", subject.name, subject.clips, subject.frames);
    fmt::print("  in all {} frames of 32 joints, seen by 4 cameras (16 joints, exact projections)\n", done.frames());
    for (const std::string& what : done.left_out) fmt::print("  left out: {}\n", what);
}

void report(const Settings& s, const char* file, const TestSetImport& done) {
    fmt::print("{}: {}, {} poses of 16 joints\n", s.paths.out.string(), file, done.set.size());
    fmt::print("  annotation: {}\n", done.set.annotation);
    for (const auto& [name, poses] : done.sources) fmt::print("  {}: {} poses\n", name, poses);
    for (const auto& [reason, poses] : done.left_out) fmt::print("  left out because {}: {}\n", reason, poses);
}

void run_3dhp(const Settings& s) {
    report(s, "test_3dhp.npz", with_progress("reading sequences", [&](const ImportProgress& progress) {
               return import_3dhp(s.paths.source, s.paths.out, s.annotation, progress);
           }));
}

void run_3dpw(const Settings& s) {
    const auto keypoints = s.keypoints == "poses2d" ? Pw3dKeypoints::detected : Pw3dKeypoints::projected;
    report(s, "test_3dpw.npz", with_progress("reading sequences", [&](const ImportProgress& progress) {
               return import_3dpw(s.paths.source, s.paths.out, keypoints, progress);
           }));
}

/// A kind with its SOURCE and --out; `run` gets what was given.
CLI::App* add_kind(CLI::App& import, const std::string& name, const std::string& explanation, const std::string& source,
                   const std::shared_ptr<Settings>& s, void (*run)(const Settings&)) {
    CLI::App* kind = import.add_subcommand(name, explanation);
    s->paths.add_to(*kind, source);
    kind->callback([s, run] { run(*s); });
    return kind;
}

} // namespace

void add_import_public(CLI::App& import) {
    const auto h36m = std::make_shared<Settings>(), hp = std::make_shared<Settings>(),
               pw = std::make_shared<Settings>();
    add_kind(import, "h36m", "Human3.6M's 3D positions, with exact 2D by its cameras",
             "h36m.zip, or a folder of S1/MyPoses/3D_positions/*.h5 or S1/MyPoseFeatures/D3_Positions/*.cdf.mat", h36m,
             run_h36m)
        ->footer("Example:\n  poseaug import h36m h36m.zip --out data");
    CLI::App* kind = add_kind(import, "3dhp", "MPI-INF-3DHP's test set",
                              "Folder of TS1/annot_data.mat to TS6, or the file mpi_inf_3dhp_valid.npz", hp, run_3dhp);
    kind->add_option("--annotation", hp->annotation,
                     "Which 3D of the original annotations: univ_annot3 (people scaled to one size; the default, "
                     "as published) or annot3")
        ->check(CLI::IsMember({"univ_annot3", "annot3"}))
        ->type_name("NAME");
    kind->footer("Example:\n  poseaug import 3dhp mpi_inf_3dhp_test_set --out data");
    kind = add_kind(import, "3dpw", "3DPW's test sequences",
                    "The data set's folder, one of sequence pickles (sequenceFiles/test), or a pickle", pw, run_3dpw);
    kind->add_option("--keypoints", pw->keypoints,
                     "2D: the 3D joints projected by the camera, or poses2d, OpenPose's detections in the file")
        ->check(CLI::IsMember({"projected", "poses2d"}))
        ->capture_default_str();
    kind->footer("Example:\n  poseaug import 3dpw 3DPW --out data\n"
                 "  poseaug evaluate --data data --weights run2/best_3dhp.safetensors --on 3dpw");
}

} // namespace poseaug::app
