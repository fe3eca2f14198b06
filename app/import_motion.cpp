#include "app/import.hpp"
#include "app/options.hpp"
#include "app/progress.hpp"
#include "data/import/mocap.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>

namespace poseaug::app {

namespace {

struct Settings {
    ImportPaths paths;
    MocapOptions options;
    std::string joints, unit, up, subjects;
    double source_fps = 0;
};

/// A unit's name, or how many metres it is.
LengthUnit parse_unit(const std::string& text) {
    std::vector<std::string> names;
    for (const LengthUnit& unit : length_units()) {
        if (text == unit.name) return unit;
        names.emplace_back(unit.name);
    }
    double metres = 0;
    if (!CLI::detail::lexical_cast(text, metres) || !(metres > 0 && metres < 1e6))
        throw Error(fmt::format("--unit {}: give one of {}, or its length in metres.", text, fmt::join(names, ", ")));
    return {"the one given", metres};
}

/// "005=S1,002=S9" by performer or file.
std::map<std::string, std::string> parse_subjects(const std::string& text) {
    std::map<std::string, std::string> subjects;
    for (const std::string& part : split_list(text)) {
        const std::size_t equals = part.rfind('=');
        if (equals == std::string::npos || equals == 0)
            throw Error(fmt::format("--subjects {}: expected NAME=SUBJECT, such as 005=S1,002=S9.", text));
        if (!subjects.emplace(part.substr(0, equals), part.substr(equals + 1)).second)
            throw Error(fmt::format("--subjects {}: '{}' stands there twice.", text, part.substr(0, equals)));
    }
    return subjects;
}

MocapOptions options_of(const Settings& s) {
    MocapOptions options = s.options;
    options.source = s.paths.source;
    if (!s.joints.empty()) options.joints = find_joint_table(s.joints);
    if (!s.unit.empty()) options.unit = parse_unit(s.unit);
    if (!s.up.empty()) options.up = s.up[0];
    if (s.source_fps > 0) options.source_fps = s.source_fps;
    if (!s.subjects.empty()) options.subjects = parse_subjects(s.subjects);
    return options;
}

void print_plan(const MocapPlan& plan, const MocapOptions& options) {
    fmt::print("{} {} of {} performer{}, filmed by Human3.6M's cameras of", plan.clips.size(),
               plan.clips.size() == 1 ? "clip" : "clips", plan.performers, plan.performers == 1 ? "" : "s");
    const char* before = "";
    for (const auto& [performer, subject] : plan.subjects) {
        fmt::print("{} {} for {}", before, subject, performer);
        before = ",";
    }
    fmt::print("\nunit: {}{}, which makes bodies {:.2f} m long from foot to head; {} is up{}\n", plan.space.unit.name,
               options.unit ? "" : " (guessed)", plan.body_metres, plan.space.up, options.up ? "" : " (guessed)");
}

void print_report(const MocapReport& report, const std::string& out) {
    std::int64_t frames = 0;
    for (const auto& [subject, count] : report.frames) frames += count;
    fmt::print("joints: table {}\n", fmt::join(report.tables, ", "));
    for (const auto& [source, written] : report.rates)
        fmt::print("frames: {:.4g} a second of the source's {:.4g}\n", written, source);
    fmt::print("{}: data_3d_h36m.npz and data_2d_h36m_gt.npz, {} frames in {} clips, each seen by four cameras\n", out,
               frames, report.pieces);
    fmt::print("views: {} in all; in {} part of the person is outside of the image, in {} nearer than 1 m to the "
               "camera\n",
               4 * frames, report.outside, report.near);
    if (report.unseen > 0)
        fmt::print("left out: {} frames in which a joint is beside or behind a camera\n", report.unseen);
    for (const std::string& reason : report.skipped) note("passed over " + reason);
    for (const char* subject : {"S9", "S11"})
        if (!report.frames.contains(subject))
            note(fmt::format("no performer is filmed as {0}, but pretrain, train and evaluate test on S9 and S11; "
                             "--subjects NAME={0} chooses one",
                             subject));
}

void run(MocapKind kind, const Settings& s) {
    const MocapOptions options = options_of(s);
    const MocapPlan plan = plan_mocap(kind, options);
    ProgressLine line("filming clips");
    const MocapReport report = import_mocap(plan, options, s.paths.out,
                                            [&](std::int64_t done, std::int64_t total) { line.update(done, total); });
    line.finish();
    print_plan(plan, options);
    print_report(report, s.paths.out.string());
}

void add_kind(CLI::App& import, MocapKind kind, const std::string& name, const std::string& about,
              const std::string& source, const std::string& footer) {
    CLI::App* verb = import.add_subcommand(name, about);
    const auto s = std::make_shared<Settings>();
    s->paths.add_to(*verb, source);
    std::vector<std::string> tables;
    for (const JointTable& table : built_in_joint_tables()) tables.push_back(table.name);
    verb->add_option("--joints", s->joints,
                     fmt::format("Which joints make our 16: {}, or a file like those; default: the first that fits",
                                 fmt::join(tables, ", ")))
        ->type_name("NAME|FILE");
    verb->add_option(
            "--unit", s->unit,
            "Unit of the source: m, cm, mm, inch, foot, cmu (an inch / 0.45), or its length in metres; default: "
            "guessed from the body")
        ->type_name("UNIT");
    verb->add_option("--up", s->up, "Upward axis of the source; default: guessed from heads being above feet")
        ->check(CLI::IsMember({"y", "z"}));
    verb->add_option("--fps", s->options.fps,
                     "Frames a second to write: every n-th of the source's, for the n that comes nearest")
        ->check(above(0))
        ->capture_default_str();
    verb->add_option("--source-fps", s->source_fps,
                     kind == MocapKind::bvh ? "Frames a second of the source; default: what each file says"
                                            : "Frames a second of the source, which its files do not say; default: 120")
        ->check(above(0));
    verb->add_option(
            "--subjects", s->subjects,
            "Human3.6M's subject for a performer, or for a file by its name without ending; the other performers: "
            "S1, S5, S6, S7, S8, S9, S11 in turn")
        ->type_name("NAME=SUBJECT,...");
    verb->add_flag("--skip-broken", s->options.skip_broken, "Pass over files that cannot be used, naming them");
    verb->footer(footer);
    verb->callback([kind, s] { run(kind, *s); });
}

} // namespace

void add_import_motion(CLI::App& import) {
    add_kind(import, MocapKind::bvh, "bvh",
             "Motion capture as BVH, filmed by Human3.6M's cameras: data_3d_h36m.npz and data_2d_h36m_gt.npz",
             "A .bvh file, or a folder with such files in it or in its folders",
             "Example: files by performers 001 to 003 (001_04.bvh), two of them for testing\n"
             "  poseaug import bvh mocap --out data --subjects 001=S1,002=S9,003=S11");
    add_kind(import, MocapKind::acclaim, "cmu",
             "Motion capture as ASF and AMC, as CMU has it, filmed by Human3.6M's cameras: data_3d_h36m.npz and "
             "data_2d_h36m_gt.npz",
             "An .amc file with its .asf beside it, or a folder with such files in it or in its folders",
             "Example: all of CMU's subjects\n"
             "  poseaug import cmu all_asfamc/subjects --out data");
}

} // namespace poseaug::app
