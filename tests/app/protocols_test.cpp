#include "tests/app/command_line.hpp"
#include "training/weights.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <sstream>

using namespace poseaug;
using namespace poseaug::testing;

namespace {

using Words = std::vector<std::string>;
using nlohmann::json;

Outcome run(const std::string& verb, const std::string& data, Words more) {
    Words words = {verb, "--data", data, "--model", "mlp", "--device", "cpu", "--threads", "1"};
    words.insert(words.end(), more.begin(), more.end());
    return run_poseaug(words);
}

/// A short training of a narrow network; the estimator learns from the first epoch on.
Outcome train(const std::string& data, const std::string& out, Words more) {
    more.insert(more.end(), {"--out", out, "--width", "16", "--quiet"});
    for (const auto& [option, value] : {std::pair{"--batch", "256"}, {"--warmup", "0"}})
        if (std::ranges::find(more, option) == more.end()) more.insert(more.end(), {option, value});
    return run("train", data, more);
}

json trained(const std::string& data, const std::string& out, Words more) {
    more.insert(more.end(), {"--json", "-"});
    const Outcome outcome = train(data, out, more);
    INFO(outcome.errors);
    REQUIRE(outcome.status == 0);
    return json::parse(outcome.output);
}

std::vector<json> log_of(const std::string& run) {
    std::istringstream lines(read_file(run + "/log.jsonl"));
    std::vector<json> all;
    for (std::string line; std::getline(lines, line);) all.push_back(json::parse(line));
    return all;
}

double figure(const std::string& run, const char* name) { return log_of(run).back()["figures"][name].get<double>(); }

void fails(const Outcome& outcome, const std::string& message) {
    INFO(outcome.errors);
    CHECK(outcome.status == 1);
    CHECK(outcome.says(message));
}

} // namespace

TEST_CASE("train: --feedback paper is another loss, and is recorded") {
    Samples samples;
    const std::string data = samples.data(), released = samples.path("released"), paper = samples.path("paper");
    trained(data, released, {"--epochs", "1"});
    trained(data, paper, {"--epochs", "1", "--feedback", "paper"});
    CHECK(read_json(released + "/settings.json")["loss"]["feedback"] == "released");
    CHECK(read_json(paper + "/settings.json")["loss"]["feedback"] == "paper");
    for (const char* name : {"feedback_ba", "feedback_rt", "augmentor_loss"})
        CHECK(figure(released, name) != figure(paper, name));
    CHECK(read_file(released + "/augmentor.safetensors") != read_file(paper + "/augmentor.safetensors"));
    CHECK(train(data, samples.path("none"), {"--feedback", "both"}).status == 2);
}

TEST_CASE("train: --extra-2d changes what the 2D discriminator is shown; the run remembers the file") {
    Samples samples;
    const std::string data = samples.data(), without = samples.path("without"), with = samples.path("with");
    const std::string extra = samples.arrays("extra.npz", {{"pose2d", image_points(500)}});
    trained(data, without, {"--epochs", "1"});
    trained(data, with, {"--epochs", "1", "--extra-2d", extra});
    CHECK(figure(without, "discriminator_2d_loss") != figure(with, "discriminator_2d_loss"));
    const json settings = read_json(with + "/settings.json");
    CHECK(settings["extra_2d"] == extra);
    CHECK(contains(settings["extra_2d_contents"].get<std::string>(), "500 poses"));

    const std::string moved = samples.path("moved.npz");
    std::filesystem::rename(extra, moved);
    const Words resume = {"--epochs", "1", "--resume"};
    fails(train(data, with, resume), "started with extra_2d_contents = \"500 poses");
    CHECK(train(data, with, {"--epochs", "1", "--resume", "--extra-2d", moved}).status == 0);
    samples.arrays("moved.npz", {{"pose2d", image_points(501)}});
    fails(train(data, with, {"--epochs", "1", "--resume", "--extra-2d", moved}), "asked to go on with \"501 poses");
    fails(train(data, samples.path("none"), {"--extra-2d", samples.path("none.npz")}), "none.npz does not exist");
    CHECK_FALSE(std::filesystem::exists(samples.path("none")));
}

TEST_CASE("train: --select-on chooses the epoch by held-out poses and reports on tests that chose nothing") {
    Samples samples;
    const std::string data = samples.data(), out = samples.path("run");
    for (const auto& [what, poses] : {std::pair{"S8", 400}, {"0.2", 400}}) {
        std::filesystem::remove_all(out);
        const json result = trained(data, out, {"--epochs", "2", "--select-on", what, "--lr", "1e-3"});
        const json settings = read_json(out + "/settings.json"), best = result["best_held_out"];
        CHECK(settings["select_on"] == what);
        CHECK(settings["held_out_poses"] == poses);
        CHECK(settings["training_poses"] == 2000 - poses);
        // the best by the held-out error, of all that were evaluated, and the others' errors at that time
        double least = std::numeric_limits<double>::infinity();
        json then;
        for (const json& line : log_of(out))
            for (const auto& [pass, errors] : line["errors"].items()) {
                if (!(errors["held_out"]["mpjpe"].get<double>() < least)) continue;
                least = errors["held_out"]["mpjpe"].get<double>();
                then = errors;
                then["epoch"] = line["epoch"];
                then["pass"] = pass;
            }
        CHECK(best["mpjpe"] == least);
        CHECK(best["epoch"] == then["epoch"]);
        CHECK(best["pass"] == then["pass"]);
        CHECK(best["chosen_on"] == "held_out");
        for (const char* set : {"h36m", "3dhp"})
            for (const char* metric : {"mpjpe", "pa_mpjpe", "n_mpjpe", "pck", "auc", "mpjpe_actions", "pck_actions"})
                CHECK(best["not_chosen_by"][set][metric] == then[set][metric]);
        CHECK(std::filesystem::exists(out + "/best_held_out.safetensors"));
        CHECK_FALSE(std::filesystem::exists(out + "/best_h36m.safetensors"));
        CHECK_FALSE(result.contains("best_h36m"));
    }
    fails(train(data, samples.path("none"), {"--subjects", "S1", "--select-on", "S1"}), "every training subject");
    CHECK(train(data, samples.path("none"), {"--select-on", "S9"}).says("S9 is a test subject"));
    CHECK(train(data, samples.path("none"), {"--select-on", "2"}).status == 2);
    CHECK_FALSE(std::filesystem::exists(samples.path("none")));
}

TEST_CASE("evaluate: warns where the set it tests on chose the weights, and only there") {
    Samples samples;
    const std::string data = samples.data(), tested = samples.path("tested"), honest = samples.path("honest");
    const auto pretrain = [&](const std::string& out, const Words& more) {
        Words words = {"--out", out, "--width", "16", "--epochs", "1", "--quiet"};
        words.insert(words.end(), more.begin(), more.end());
        return run("pretrain", data, words);
    };
    CHECK(contains(pretrain(tested, {}).output, "chosen on the set it is measured on"));
    const Outcome held_out = pretrain(honest, {"--select-on", "S8"});
    CHECK(contains(held_out.output, "chosen on these held-out poses"));
    CHECK(contains(held_out.output, "on h36m, which had no part in the choice"));
    CHECK(read_weights(tested + "/best.safetensors").metadata.at("chosen_on") == "h36m");
    CHECK(read_weights(honest + "/best.safetensors").metadata.at("chosen_on") == "held_out");
    const auto evaluated = [&](const std::string& weights, Words more) {
        const Words usual = {"--weights", weights, "--json", "-"};
        more.insert(more.begin(), usual.begin(), usual.end());
        const Outcome outcome = run("evaluate", data, more);
        INFO(outcome.errors);
        REQUIRE(outcome.status == 0);
        const bool warned = outcome.says("warning: ") && outcome.says("had a part in that");
        CHECK(json::parse(outcome.output)["chosen_by_this_set"] == warned);
        return warned;
    };
    CHECK(evaluated(tested + "/best.safetensors", {"--on", "h36m"}));
    CHECK(evaluated(tested + "/best.safetensors", {"--on", "h36m", "--subjects", "S11", "--stride", "3"}));
    CHECK(evaluated(tested + "/best.safetensors", {"--on", "h36m", "--keypoints", "noisy"}));
    CHECK_FALSE(evaluated(tested + "/best.safetensors", {"--on", "3dhp"}));
    CHECK_FALSE(evaluated(tested + "/last.safetensors", {"--on", "h36m"}));
    CHECK_FALSE(evaluated(honest + "/best.safetensors", {"--on", "h36m"}));
    CHECK(evaluated(honest + "/best.safetensors", {"--on", "h36m", "--subjects", "S8"}));
}

TEST_CASE("train: --subjects trains on fewer people, who still get the five subjects' bones") {
    Samples samples;
    const std::string out = samples.path("run");
    trained(samples.data(), out, {"--epochs", "1", "--subjects", "S1"});
    const json settings = read_json(out + "/settings.json");
    CHECK(settings["subjects"] == json({"S1"}));
    CHECK(settings["template_subjects"] == json({"S1", "S5", "S6", "S7", "S8"}));
    CHECK(settings["training_poses"] == 400);
}

TEST_CASE("train: --align moves the training poses to a set's boxes and says so") {
    Samples samples;
    const std::string data = samples.data(), plain = samples.path("plain"), aligned = samples.path("aligned");
    trained(data, plain, {"--epochs", "1"});
    const Outcome outcome = train(data, aligned, {"--epochs", "1", "--align", "3dhp"});
    CHECK(outcome.status == 0);
    CHECK(outcome.says("aligned 2000 poses: boxes x "));
    CHECK(outcome.says("the boxes of " + data + "/test_3dhp.npz"));
    CHECK(figure(plain, "estimator_loss_original") != figure(aligned, "estimator_loss_original"));
    const json settings = read_json(aligned + "/settings.json");
    CHECK(settings["align"] == "3dhp");
    CHECK(contains(settings["align_contents"].get<std::string>(), "280 poses"));
    fails(train(data, aligned, {"--epochs", "1", "--resume"}), "started with align");
    const std::string file = samples.arrays("other.npz", {{"pose2d", image_points(50)}});
    CHECK(train(data, samples.path("file"), {"--epochs", "1", "--align", file}).says("the boxes of " + file));
    fails(train(data, samples.path("none"), {"--align", "moon"}), "'moon' is neither a file nor a set of");
    CHECK_FALSE(std::filesystem::exists(samples.path("none")));
}

TEST_CASE("evaluate: --align changes the 2D that is estimated from, and not what is true") {
    Samples samples;
    const std::string data = samples.data(), weights = samples.weights("mlp");
    const auto result = [&](Words more) {
        const Words usual = {"--weights", weights, "--json", "-", "--on", "3dhp"};
        more.insert(more.begin(), usual.begin(), usual.end());
        const Outcome outcome = run("evaluate", data, more);
        INFO(outcome.errors);
        REQUIRE(outcome.status == 0);
        return json::parse(outcome.output);
    };
    const json plain = result({}), aligned = result({"--align", "train"}), own = result({"--align", "3dhp"});
    CHECK(plain["mpjpe"] != aligned["mpjpe"]);
    CHECK(own["mpjpe"].get<double>() == doctest::Approx(plain["mpjpe"].get<double>()).epsilon(1e-3));
    CHECK(plain["align"] == "");
    CHECK(aligned["align"] == "train");
    CHECK(contains(aligned["2d"].get<std::string>(), "moved and scaled to the boxes of the training subjects' 2D"));
}

TEST_CASE("evaluate: any test_NAME.npz by its name, with what was tested and from which file") {
    Samples samples;
    const std::string data = samples.data(), weights = samples.weights("mlp");
    samples.arrays("data/test_other.npz",
                   {{"pose3d", standing_poses(6)},
                    {"pose2d", image_points(6)},
                    {"sequence", Array::of({6}, Words{"Jump 1", "Jump 1", "Jump 1", "Run", "Run", "Run"})},
                    {"annotation", Array::of({1}, Words{"univ_annot3"})}});
    const Outcome outcome = run("evaluate", data, {"--weights", weights, "--on", "other"});
    INFO(outcome.errors);
    CHECK(outcome.status == 0);
    for (const char* word : {"mlp on test_other (univ_annot3): 6 poses, 2D: ", "data/test_other.npz\n", "Jump", "Run",
                             "all poses", "mean of actions", "PCK %", "AUC %", "MPJVE"})
        CHECK(contains(outcome.output, word));
    CHECK(outcome.says("evaluating 6 poses of test_other"));
    const Outcome all = run("evaluate", data, {"--weights", weights, "--json", "-"});
    const json json = json::parse(all.output);
    for (const char* set : {"h36m", "3dhp", "other"}) CHECK(json.contains(set));
    CHECK(json["other"]["flip"] == false);
    CHECK(json["other"]["clips"] == 2);
    CHECK(json["h36m"]["2d"] == "gt keypoints, " + data + "/data_2d_h36m_gt.npz");
    CHECK(contains(run("evaluate", data, {"--weights", weights, "--on", "h36m", "--keypoints", "noisy"}).output,
                   "2D: noisy keypoints, " + data + "/data_2d_h36m_noisy.npz"));
    fails(run("evaluate", data, {"--weights", weights, "--on", "moon"}),
          "test_moon.npz is not there; --on takes h36m, 3dhp, other");
}

TEST_CASE(
    "train: a run forced to collapse is named, with the advice of another seed, and keeps the last good weights") {
    Samples samples;
    const std::string data = samples.data();
    const auto collapses = [&](const std::string& out, const Words& more, const std::string& what) {
        const Outcome outcome = train(data, samples.path(out), more);
        fails(outcome, "training collapsed: " + what);
        CHECK(outcome.says("Try another --seed"));
        CHECK(outcome.says("the last good checkpoint stays"));
        CHECK(std::filesystem::exists(samples.path(out) + "/best_h36m.safetensors"));
    };
    collapses("augmentor", {"--epochs", "2", "--lr-augmentor", "1e30"}, "adversarial_3d is not finite");
    collapses("estimator", {"--epochs", "2", "--lr", "1e30"}, "");
    collapses("pinned",
              {"--epochs", "9", "--warmup", "9", "--batch", "128", "--lr-augmentor", "1000", "--lr-discriminator",
               "3e-3", "--pool", "1"},
              "the 2d discriminator has told every fake from every real pose");
}
