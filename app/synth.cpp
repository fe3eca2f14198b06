#include "data/synth.hpp"
#include "app/options.hpp"
#include "app/progress.hpp"
#include "app/verbs.hpp"

#include <fmt/format.h>

#include <cmath>

namespace poseaug::app {

namespace {

struct Settings {
    std::string out;
    SynthOptions options;
};

void run(const Settings& s) {
    ProgressLine line("making poses");
    write_synthetic(s.out, s.options, [&](double share) {
        const auto total = static_cast<double>(s.options.poses);
        line.update(std::llround(share * total), s.options.poses);
    });
    line.finish();
    fmt::print(
        "{}: data_3d_h36m.npz, data_2d_h36m_gt.npz, data_2d_h36m_noisy.npz and test_3dhp.npz ({} poses, seed {})\n",
        s.out, s.options.poses, s.options.seed);
}

} // namespace

void add_synth(CLI::App& app) {
    CLI::App* verb = app.add_subcommand(
        "synth", "Makes data: built-in human motion in the public Human3.6M layout, and a test set of another kind");
    const auto s = std::make_shared<Settings>();
    verb->add_option("--out", s->out, "Folder for the files, made if missing")->required()->type_name("DIR");
    verb->add_option("--poses", s->options.poses, "Poses of the Human3.6M part, every camera's view counted")
        ->check(at_least(1))
        ->capture_default_str();
    verb->add_option("--seed", s->options.seed, "The same seed gives the same bytes")
        ->check(at_least(0))
        ->capture_default_str();
    verb->footer("Example: 200,000 poses of seven subjects, with exact and with detector-like 2D (--keypoints gt, "
                 "--keypoints noisy)\n"
                 "  poseaug synth --out data --poses 200000");
    verb->callback([s] { run(*s); });
}

} // namespace poseaug::app
