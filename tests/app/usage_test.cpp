#include "app/options.hpp"
#include "app/progress.hpp"
#include "kernels/instructions.hpp"
#include "tests/app/command_line.hpp"

#include <doctest/doctest.h>

using namespace poseaug::testing;
using poseaug::app::clock_time;
using poseaug::app::split_list;

namespace {
const std::vector<std::string> kVerbs = {"synth",   "pretrain", "train",     "evaluate",
                                         "augment", "predict",  "gradcheck", "info"};
using Words = std::vector<std::string>;
} // namespace

TEST_CASE("command line: the version, and help with an example for every verb") {
    const Outcome version = run_poseaug({"--version"});
    CHECK(version.status == 0);
    CHECK(version.output.starts_with("poseaug 0."));
    CHECK(contains(version.output, ", CPU: "));
    const Outcome help = run_poseaug({"--help"});
    CHECK(help.status == 0);
    for (const std::string& verb : kVerbs) {
        INFO(verb);
        CHECK(contains(help.output, "\n  " + verb));
        const Outcome one = run_poseaug({verb, "--help"});
        CHECK(one.status == 0);
        CHECK(one.errors.empty());
        CHECK(contains(one.output, "Example"));
        CHECK(contains(one.output, "  poseaug " + verb + " "));
    }
}

TEST_CASE("command line: a start opens no library that only some verbs or devices need") {
    const Outcome start = run_poseaug({"--help"}, "LD_DEBUG=files");
    REQUIRE(start.says("/libc.so"));
    for (const char* library : {"libcublas", "libcudnn_", "libhdf5", "libmatio"})
        CHECK_MESSAGE(!start.says("/" + std::string(library)), library);
}

TEST_CASE("command line: wrong usage exits with 2 and says what is wrong") {
    const Words evaluate = {"evaluate", "--data", "d", "--model", "mlp", "--weights", "w"};
    const Words predict = {"predict", "--model", "mlp", "--weights", "w", "--input", "i", "--output", "o"};
    const Words pretrain = {"pretrain", "--data", "d", "--model", "mlp", "--out", "o"};
    const Words train = {"train", "--data", "d", "--model", "mlp", "--out", "o"};
    const auto wrong = [](Words words, const Words& more, const std::string& message) {
        words.insert(words.end(), more.begin(), more.end());
        const Outcome outcome = run_poseaug(words);
        INFO(words.front() << ": " << outcome.errors);
        CHECK(outcome.status == 2);
        CHECK(outcome.output.empty());
        CHECK(outcome.says("poseaug: "));
        CHECK(outcome.says(message));
    };
    wrong({}, {}, "subcommand is required");
    wrong({"evolve"}, {}, "there is no verb 'evolve'; there are synth, import, pretrain");
    wrong({"import"}, {}, "subcommand is required (poseaug import --help");
    wrong({"import"}, {"4dpw", "s", "--out", "o"}, "there is no verb 'import 4dpw'; there are h36m, 3dhp, 3dpw");
    wrong({"import", "3dhp"}, {"s", "--out", "o", "--annotation", "annot4"}, "(poseaug import 3dhp --help");
    wrong({"synth"}, {}, "--out");
    wrong({"synth"}, {"--out", "o", "--poses", "0"}, "--poses: 0 is less than 1");
    wrong({"synth"}, {"--out", "o", "--seed", "-1"}, "--seed");
    wrong({"synth"}, {"--out", "o", "--poses", "many"}, "many");
    wrong(evaluate, {"--no-such-option"}, "--no-such-option");
    wrong({"evaluate", "--data", "d"}, {}, "required");
    wrong({"train", "--data", "d", "--out", "o"}, {}, "--model, or --init, which tells it, is required");
    wrong({"pretrain", "--data", "d", "--out", "o"}, {}, "--model is required");
    wrong({"convert", "w"}, {}, "output is required");
    wrong({"convert", "w", "o"}, {"--to", "h5"}, "h5 not in");
    wrong(train, {"--feedback", "both"}, "both");
    wrong(train, {"--select-on", "S9"}, "S9 is a test subject");
    wrong(pretrain, {"--select-on", "2"}, "must be between 0 and 1");
    wrong(evaluate, {"--stride", "0"}, "--stride: 0 is less than 1");
    wrong(evaluate, {"--subjects", "S9,,S11"}, "empty name");
    wrong(evaluate, {"--flip", "--no-flip"}, "excludes");
    wrong(evaluate, {"--device", "abacus"}, "abacus");
    wrong(evaluate, {"--threads", "-1"}, "--threads");
    wrong({"evaluate", "--data", "d", "--weights", "w", "--model", "oracle"}, {}, "oracle");
    wrong(predict, {"--width", "1000"}, "--height");
    wrong(predict, {"--width", "0", "--height", "1"}, "--width");
    wrong({"gradcheck"}, {"--op", "nonsense"}, "no op is named 'nonsense'; there are");
    wrong({"info"}, {}, "file");
    wrong({"augment", "--weights", "w", "--input", "i", "--output", "o"}, {"--ratio-limit", "1"},
          "--ratio-limit: 1 is not in [0, 1)");
    for (const Words& training : {pretrain, train}) {
        wrong(training, {"--batch", "1"}, "--batch");
        wrong(training, {"--epochs", "0"}, "--epochs");
        wrong(training, {"--dropout", "1"}, "--dropout");
        wrong(training, {"--dropout", "-0.5"}, "is neither in [0, 1) nor -1");
        wrong(training, {"--lr", "-1"}, "--lr");
    }
}

TEST_CASE("command line: a result that cannot be written to stdout is a failure") {
    const Outcome outcome = run_poseaug({"gradcheck", "--op", "tanh"}, "exec 3>/dev/full; run() { \"$@\" >&3; }; run");
    CHECK(outcome.status == 1);
    CHECK(outcome.says("cannot write to stdout"));
}

TEST_CASE("command line: lists and times") {
    CHECK(split_list("S1,S5") == std::vector<std::string>{"S1", "S5"});
    CHECK(split_list("S1") == std::vector<std::string>{"S1"});
    for (const char* bad : {"", ",S1", "S1,", "S1,,S5"})
        CHECK(contains(error_of([&] { split_list(bad); }), "empty name"));
    CHECK(clock_time(0.4) == "0:00");
    CHECK(clock_time(59.7) == "1:00");
    CHECK(clock_time(3723) == "1:02:03");
}

TEST_CASE("command line: instructions that are not to be had are refused, and others taken") {
    const std::vector<std::string> words = {"gradcheck", "--op", "tanh", "--device", "cpu"};
    const Outcome refused = run_poseaug(words, "export POSEAUG_INSTRUCTIONS=avx9000;");
    CHECK(refused.status == 1);
    CHECK(refused.output.empty());
    CHECK(refused.says("POSEAUG_INSTRUCTIONS is 'avx9000', and this build on this processor can do "));
    for (const poseaug::Instructions& one : poseaug::runnable_instructions()) {
        const std::string choose = "export POSEAUG_INSTRUCTIONS=" + std::string(one.name) + ";";
        CHECK(run_poseaug(words, choose).status == 0);
        CHECK(contains(run_poseaug({"--version"}, choose).output, "CPU: " + std::string(one.title) + " of "));
    }
}
