#include "bench/comparison.hpp"
#include "bench/dry_run_table.hpp"
#include "bench/place.hpp"
#include "bench/result_table.hpp"
#include "bench/roofline_svg.hpp"
#include "bench/run_suite.hpp"

#include "app/options.hpp"
#include "app/progress.hpp"
#include "app/verbs.hpp"
#include "data/atomic_file.hpp"
#include "data/output_path.hpp"

#include <fmt/format.h>

namespace poseaug::app {
namespace {

namespace fs = std::filesystem;

struct Settings {
    DeviceChoice device;
    std::string filter, model;
    int batch = 1024, repetitions = 5;
    double seconds = 0.1;
    fs::path results, picture, baseline;
    bool list = false, dry_run = false;
    double bandwidth = 0, products = 0, launch = -1; ///< of the device that a dry run is for; unset: an H200's
};

/// "cpu" or "cuda".
std::string device_kind(const DeviceChoice& choice) {
    if (choice.kind != "auto") return choice.kind;
    return why_no_cuda() ? "cpu" : "cuda";
}

bench::SuiteOptions suite_options(const Settings& s) {
    bench::SuiteOptions options;
    options.device = s.device.options();
    options.device.kind = device_kind(s.device);
    options.filter = s.filter.empty() ? "^op/.*/" + std::to_string(s.batch) + "/|/mlp/" : s.filter;
    options.batch = s.batch;
    options.seconds = s.seconds;
    options.repetitions = s.repetitions;
    return options;
}

/// Of the device that a dry run is for: as described, else an H200, or this machine's CPU, which is measured.
bench::DeviceFloor floor_of(const Settings& s, const std::string& kind) {
    const bool described = s.bandwidth > 0 && s.products > 0;
    bench::DeviceFloor floor = bench::h200_floor(s.device.precision);
    if (kind == "cpu" && !described) {
        DeviceOptions options = s.device.options();
        options.kind = kind;
        bench::Place place(options);
        floor = {place.device().name(), place.copy_bandwidth(), place.product_rate(), place.product_rate(), 0};
    }
    if (s.bandwidth > 0 || s.products > 0 || s.launch >= 0) floor.name = "the device described";
    if (s.bandwidth > 0) floor.bytes_per_second = s.bandwidth * 1e9;
    if (s.products > 0) floor.product_flops = s.products * 1e12;
    if (s.launch >= 0) floor.launch_seconds = s.launch * 1e-6;
    return floor;
}

void run_dry(const Settings& s) {
    // without a choice it is about a GPU, which is what a dry run can tell of without one
    const std::string kind = s.device.kind != "auto" ? s.device.kind : built_with_cuda() ? "cuda" : "cpu";
    const bench::DeviceFloor floor = floor_of(s, kind);
    for (const Estimator& estimator : estimators()) {
        if (!s.model.empty() && estimator.name != s.model) continue;
        const auto count = bench::count_iteration(bench::count_calls(kind, estimator, s.batch), floor);
        fmt::print("{}\n", bench::dry_run_table(estimator, s.batch, count, floor));
    }
}

void write_picture(const fs::path& path, const bench::BenchResults& results) {
    AtomicFile file(path);
    file.write(bench::roofline_svg(results));
    file.commit();
}

void measure(const Settings& s) {
    for (const fs::path& output : {s.results, s.picture})
        if (!output.empty()) require_writable_target(output);
    if (!s.results.empty() && s.results == s.picture)
        throw Error("--out and --svg both name " + s.results.string() + "; the one would overwrite the other");
    std::optional<bench::BenchResults> baseline;
    if (!s.baseline.empty()) baseline = bench::read_results(s.baseline);
    const bench::SuiteOptions options = suite_options(s);
    const auto names = bench::list_suite(options);
    if (s.list) {
        for (const std::string& name : names) fmt::print("{}\n", name);
        return;
    }
    if (!names.empty()) note("measuring " + std::to_string(names.size()) + " rows; leave the machine alone meanwhile");
    ProgressLine line("measuring");
    std::int64_t done = 0;
    const auto results = bench::run_suite(options, [&](const std::string&) {
        line.update(++done, static_cast<std::int64_t>(names.size()) * s.repetitions);
    });
    line.finish();
    fmt::print("{}", bench::result_table(results));
    if (!s.results.empty()) bench::write_results(s.results, results);
    if (!s.picture.empty()) write_picture(s.picture, results);
    if (!baseline) return;
    const bench::Comparison comparison = bench::compare(*baseline, results);
    if (!comparison.any_in_both())
        throw Error(s.baseline.string() + " has none of the rows that were measured; see --filter and --batch");
    fmt::print("\n{}", bench::comparison_table(comparison));
    if (comparison.any_slower()) throw Error("slower than " + s.baseline.string() + " beyond the noise");
}

/// Options of what is measured; a dry run, which measures nothing, excludes them.
std::vector<CLI::Option*> add_measuring_options(CLI::App& verb, Settings& s) {
    std::vector<CLI::Option*> options = {
        verb.add_option("--filter", s.filter,
                        "Only rows whose name this regular expression finds; default: ops at --batch, and the steps of "
                        "mlp")
            ->type_name("REGEX"),
        verb.add_flag("--list", s.list, "Print the names of the rows and measure nothing"),
        verb.add_option("--repetitions", s.repetitions, "How often a row is measured; the spread tells the noise")
            ->check(CLI::Range(1, 1000))
            ->capture_default_str(),
        verb.add_option("--seconds", s.seconds, "Least time of a repetition")->check(above(0))->capture_default_str(),
        verb.add_option("--out", s.results, "Write the results, as Google Benchmark's JSON")->type_name("FILE.json"),
        verb.add_option("--svg", s.picture, "Draw the roofline")->type_name("FILE.svg"),
        verb.add_option("--compare", s.baseline, "Results of an earlier --out to compare with")
            ->check(CLI::ExistingFile)
            ->type_name("OLD.json")};
    return options;
}

CLI::Option* add_dry_options(CLI::App& verb, Settings& s) {
    auto* dry = verb.add_flag("--dry-run", s.dry_run,
                              "Count calls, launches, bytes and FLOPs of a training iteration without running it, and "
                              "the time they would take one after another at the device's peak, all data in memory; "
                              "for a GPU that is not here, too");
    add_model(verb, s.model)->required(false)->needs(dry)->description("Count this estimator alone");
    verb.add_option("--bandwidth", s.bandwidth,
                    "GB/s of the device that is counted for; default: an H200's, or this CPU's")
        ->needs(dry)
        ->check(CLI::Range(1e-3, 1e9));
    verb.add_option("--products", s.products, "Its TFLOP/s in products")->needs(dry)->check(CLI::Range(1e-3, 1e9));
    verb.add_option("--launch", s.launch, "Its microseconds from one kernel to the next")
        ->needs(dry)
        ->check(CLI::Range(0.0, 1e6));
    return dry;
}

} // namespace

void add_bench(CLI::App& app) {
    CLI::App* verb = app.add_subcommand(
        "bench", "Measures ops and training steps beside what the machine can do, or counts an iteration dry");
    const auto s = std::make_shared<Settings>();
    s->device.add_to(*verb);
    s->device.add_precision_to(*verb);
    verb->add_option("--batch", s->batch, "Poses of a step, and of an op's call")
        ->check(CLI::Range(2, 1 << 20))
        ->capture_default_str();
    const auto measuring = add_measuring_options(*verb, *s);
    CLI::Option* dry = add_dry_options(*verb, *s);
    for (CLI::Option* option : measuring) dry->excludes(option);
    verb->footer("Rows are named op/<name>/<forward|backward>/<batch>/<device> and\n"
                 "<gan_step|fit_step|iteration|products|infer|epoch|memory>/<model>/<batch>/<device>/<precision>;\n"
                 "read/npz is loading a data folder. On the CPU iteration and infer are also measured on one thread\n"
                 "(cpu_1_thread), and memory is a training's peak beside what no training can do without; on a GPU\n"
                 "videopose's steps also with cuDNN (cuda_cudnn).\n"
                 "With --compare the exit status is 1 if a row became slower beyond the noise of both.\n"
                 "Examples:\n"
                 "  poseaug bench --out today.json --svg roofline.svg\n"
                 "  poseaug bench --filter 'op/(kcs|project)/' --compare today.json\n"
                 "  poseaug bench --dry-run --device cuda --model mlp --precision tf32");
    verb->callback([s] { s->dry_run ? run_dry(*s) : measure(*s); });
}

} // namespace poseaug::app
