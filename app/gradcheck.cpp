#include "engine/gradcheck.hpp"

#include "app/options.hpp"
#include "app/progress.hpp"
#include "app/verbs.hpp"
#include "engine/registry.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace poseaug::app {

namespace {

struct Settings {
    std::string op;
    DeviceChoice device;
    JsonChoice json;
};

/// The worst of an op's samples.
struct Verdict {
    std::string op, note;
    std::size_t samples = 0;
    double dual_error = 0, difference_error = 0;
    bool passed = true;
};

OperandMemory memory_of(Device& device) {
    return {[&device](std::size_t bytes) {
                return std::shared_ptr<void>(device.allocate(bytes),
                                             [&device](void* memory) { device.release(memory); });
            },
            [&device](void* to, const void* from, std::size_t bytes) { device.upload(to, from, bytes); },
            [&device](void* to, const void* from, std::size_t bytes) { device.download(to, from, bytes); }};
}

Verdict judge(const Op& op, Queue& queue, const OperandMemory& memory) {
    Verdict verdict{std::string(op.name), {}};
    for (const GradcheckResult& result : gradcheck(op, queue, memory)) {
        ++verdict.samples;
        verdict.dual_error = std::max(verdict.dual_error, result.dual_error);
        verdict.difference_error = std::max(verdict.difference_error, result.difference_error);
        if (!result.passed && verdict.passed) verdict.note = result.sample + ": " + result.note;
        verdict.passed = verdict.passed && result.passed;
    }
    return verdict;
}

std::string table(const std::vector<Verdict>& verdicts) {
    std::string text = fmt::format("{:<26} {:>7} {:>12} {:>12}  verdict\n", "op", "samples", "dual", "differences");
    for (const Verdict& v : verdicts)
        text += fmt::format("{:<26} {:>7} {:>12.1e} {:>12.1e}  {}\n", v.op, v.samples, v.dual_error, v.difference_error,
                            v.passed ? "passed" : "FAILED, " + v.note);
    return text;
}

nlohmann::json to_json(const std::vector<Verdict>& verdicts, const Device& device) {
    nlohmann::json ops = nlohmann::json::array();
    for (const Verdict& v : verdicts)
        ops.push_back({{"op", v.op},
                       {"samples", v.samples},
                       {"dual_error", v.dual_error},
                       {"difference_error", v.difference_error},
                       {"passed", v.passed},
                       {"note", v.note}});
    return {{"device", device.name()}, {"passed", std::ranges::all_of(verdicts, &Verdict::passed)}, {"ops", ops}};
}

void run(const Settings& s) {
    s.json.require_writable();
    const auto device = s.device.open();
    Queue& queue = device->queue();
    std::vector<const Op*> ops;
    for (const Op& op : registry())
        if (s.op.empty() || op.name == s.op) ops.push_back(&op);
    std::vector<Verdict> verdicts;
    ProgressLine line("checking");
    for (const Op* op : ops) {
        verdicts.push_back(judge(*op, queue, memory_of(*device)));
        line.update(static_cast<std::int64_t>(verdicts.size()), static_cast<std::int64_t>(ops.size()));
    }
    line.finish();
    s.json.report(table(verdicts), to_json(verdicts, *device));
    const auto failed = std::ranges::count(verdicts, false, &Verdict::passed);
    if (failed > 0) throw Error(fmt::format("{} of {} ops fail the gradient check", failed, verdicts.size()));
}

/// A name of the registry.
CLI::Validator op_name() {
    return CLI::Validator(
        [](std::string& name) {
            std::string names;
            for (const Op& op : registry()) {
                if (op.name == name) return std::string();
                names += (names.empty() ? "" : ", ") + std::string(op.name);
            }
            return fmt::format("no op is named '{}'; there are {}", name, names);
        },
        "");
}

} // namespace

void add_gradcheck(CLI::App& app) {
    CLI::App* verb =
        app.add_subcommand("gradcheck", "Proves the gradient of every op, by dual numbers and by central differences");
    const auto s = std::make_shared<Settings>();
    verb->add_option("--op", s->op, "Only this op")->check(op_name())->type_name("NAME");
    s->device.add_to(*verb);
    s->json.add_to(*verb);
    verb->footer("A line an op: how many inputs it was tried on, and the worst relative error against dual numbers "
                 "(float64; 1e-12 is asked) and\n"
                 "against central differences (1e-6). Exit status 1 if an op fails.\n"
                 "Example:\n"
                 "  poseaug gradcheck --op project --device cpu");
    verb->callback([s] { run(*s); });
}

} // namespace poseaug::app
