#include "data/h36m.hpp"
#include "data/test_set.hpp"
#include "tests/app/command_line.hpp"
#include "training/evaluation.hpp"
#include "training/weights.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace poseaug;
using namespace poseaug::testing;

namespace {

using Words = std::vector<std::string>;

Outcome evaluate(const std::string& data, const std::string& weights, const Words& more,
                 const std::string& model = "mlp", const std::string& before = "") {
    Words words = {"evaluate", "--data", data, "--weights", weights, "--device", "cpu"};
    if (!model.empty()) words.insert(words.end(), {"--model", model});
    words.insert(words.end(), more.begin(), more.end());
    return run_poseaug(words, before);
}

nlohmann::json result_of(const std::string& data, const std::string& weights, Words more,
                         const std::string& model = "mlp") {
    more.insert(more.end(), {"--json", "-"});
    const Outcome outcome = evaluate(data, weights, more, model);
    INFO(outcome.errors);
    REQUIRE(outcome.status == 0);
    auto json = nlohmann::json::parse(outcome.output, nullptr, false);
    REQUIRE_FALSE(json.is_discarded());
    return json;
}

/// A failure that says `message` and writes no result.
void fails(const Outcome& outcome, const std::string& message) {
    INFO(outcome.errors);
    CHECK(outcome.status == 1);
    CHECK(outcome.output.empty());
    CHECK(outcome.says("poseaug: "));
    CHECK(outcome.says(message));
}

} // namespace

TEST_CASE("evaluate: both sets, by name, in a table and as JSON") {
    Samples samples;
    const std::string data = samples.data(), weights = samples.weights("mlp"), file = samples.path("errors.json");
    const Outcome outcome = evaluate(data, weights, {"--json", file});
    INFO(outcome.errors);
    REQUIRE(outcome.status == 0);
    for (const char* word :
         {"MPJPE", "PA-MPJPE", "mean of actions", "Directions", "test_3dhp.npz, flip averaging", "right knee"})
        CHECK(contains(outcome.output, word));
    const auto json = read_json(file);
    for (const char* set : {"h36m", "3dhp"}) {
        const auto& result = json.at(set);
        CHECK(result.at("on") == set);
        CHECK(result.at("model") == "mlp");
        CHECK(result.at("flip") == (std::string(set) == "3dhp"));
        for (const char* key : {"mpjpe", "pa_mpjpe", "n_mpjpe", "pck", "auc", "mpjpe_actions", "pa_mpjpe_actions",
                                "n_mpjpe_actions", "pck_actions", "auc_actions"})
            CHECK(result.at(key).get<double>() >= 0);
        // the poses of test_3dhp are in no order in time
        CHECK(result.at("mpjve").is_null() == (std::string(set) == "3dhp"));
        double joints = 0;
        for (const auto& [name, error] : result.at("per_joint").items()) joints += error.get<double>() / 16;
        CHECK(joints == doctest::Approx(result.at("mpjpe").get<double>()));
        double poses = 0, actions = 0;
        for (const auto& [name, metrics] : result.at("per_action").items()) {
            poses += metrics.at("poses").get<double>();
            CHECK(metrics.at("pck").get<double>() >= metrics.at("auc").get<double>());
            actions += metrics.at("mpjpe").get<double>() / static_cast<double>(result.at("per_action").size());
        }
        CHECK(poses == result.at("poses").get<double>());
        CHECK(actions == doctest::Approx(result.at("mpjpe_actions").get<double>()));
    }
}

TEST_CASE("evaluate: what the library measures, for every estimator") {
    Samples samples;
    const std::string data = samples.data();
    const auto device = open_device({.kind = "cpu", .threads = 1});
    Stream<float> stream(*device);
    Arena arena(*device);
    const PoseSet set = load_test_set(data + "/test_3dhp.npz");
    for (const Estimator& estimator : estimators()) {
        const std::string name(estimator.name), weights = samples.weights(name);
        Network<float> network = load_estimator<float>(*device, weights).network;
        for (const bool flip : {true, false}) {
            const auto json = result_of(data, weights, {"--on", "3dhp", flip ? "--flip" : "--no-flip"}, name);
            const auto expected = Evaluator<float>(stream, arena, set, estimator, network, flip).run();
            CHECK(json.at("flip") == flip);
            CHECK(json.at("mpjpe").get<double>() == doctest::Approx(expected.all.mpjpe).epsilon(1e-5));
            CHECK(json.at("pa_mpjpe").get<double>() == doctest::Approx(expected.all.pa_mpjpe).epsilon(1e-4));
        }
    }
}

TEST_CASE("evaluate: the weights tell the estimator, in any format") {
    Samples samples;
    const std::string data = samples.data(), weights = samples.weights("videopose"), other = samples.path("w.pth");
    REQUIRE(run_poseaug({"convert", weights, other}).status == 0);
    auto expected = result_of(data, weights, {"--on", "3dhp"}, "videopose");
    auto found = result_of(data, other, {"--on", "3dhp"}, "");
    CHECK(found.at("model") == "videopose");
    for (auto* result : {&expected, &found}) result->erase("weights");
    CHECK(found == expected);
    fails(evaluate(data, other, {}, "mlp"), "w.pth holds the estimator 'videopose', not the estimator 'mlp'");
    fails(evaluate(data, samples.weights("augmentor"), {}, ""), "holds an augmentor, not an estimator");
}

TEST_CASE("evaluate: subjects, stride and keypoints choose the poses") {
    Samples samples;
    const std::string data = samples.data(), weights = samples.weights("mlp");
    const auto poses = [&](const Words& more) {
        Words words = {"--on", "h36m"};
        words.insert(words.end(), more.begin(), more.end());
        return result_of(data, weights, words).at("poses").get<int>();
    };
    const int nine = poses({"--subjects", "S9"}), eleven = poses({"--subjects", "S11"});
    CHECK(nine > 0);
    CHECK(poses({}) == nine + eleven);
    CHECK(poses({"--stride", "1000000", "--subjects", "S9"}) < nine);
    CHECK(result_of(data, weights, {"--on", "h36m"}).at("mpjpe") !=
          result_of(data, weights, {"--on", "h36m", "--keypoints", "noisy"}).at("mpjpe"));
}

TEST_CASE("evaluate: data that are missing or not there") {
    Samples samples;
    const std::string data = samples.data(), weights = samples.weights("mlp");
    fails(evaluate(data, weights, {"--subjects", "S3"}), "no subject 'S3'; it holds S1");
    fails(evaluate(data, weights, {"--keypoints", "hr"}), "keypoints in that folder: gt, noisy");
    fails(evaluate(samples.path("nowhere"), weights, {}), "holds neither data_3d_h36m.npz nor test_3dhp.npz");
    fails(evaluate(samples.path("nowhere"), weights, {"--on", "h36m"}), "does not exist");
    std::filesystem::remove(data + "/test_3dhp.npz");
    fails(evaluate(data, weights, {"--on", "3dhp"}), "test_3dhp.npz");
    CHECK(result_of(data, weights, {}).at("on") == "h36m");
}

TEST_CASE("evaluate: weights of another network, damaged or not finite") {
    Samples samples;
    const std::string data = samples.data();
    fails(evaluate(data, samples.weights("videopose"), {}), "holds the estimator 'videopose', not the estimator 'mlp'");
    fails(evaluate(data, samples.weights("augmentor"), {}), "holds an augmentor");
    fails(evaluate(data, samples.path("none.safetensors"), {}), "none.safetensors");
    const std::string good = samples.weights("mlp"), bad = samples.path("bad.safetensors"), bytes = read_file(good);
    write_file(bad, bytes.substr(0, bytes.size() / 2));
    fails(evaluate(data, bad, {}), "bad.safetensors");

    NamedTensors weights = read_weights(good);
    const auto changed = [&](const std::string& name, const Array& array) {
        NamedTensors other = weights;
        for (auto& [key, value] : other.tensors)
            if (key == name) value = array;
        write_safetensors(bad, other);
    };
    changed("w2.bias", Array::of({45}, std::vector<float>(45, std::numeric_limits<float>::quiet_NaN())));
    fails(evaluate(data, bad, {}), "'w2.bias' holds values that are not finite");
    changed("w2.bias", Array::of({44}, std::vector<float>(44)));
    fails(evaluate(data, bad, {}), "'w2.bias' is (44,) float32; expected (45,)");
    changed("batch_norm1.weight", Array::of({100000}, std::vector<float>(100000)));
    fails(evaluate(data, bad, {}), "layers of width 100000");
    weights.tensors.pop_back();
    write_safetensors(bad, weights);
    fails(evaluate(data, bad, {}), "lacks '");
}

TEST_CASE("evaluate: pose files that are damaged or ask for too much") {
    Samples samples;
    const std::string data = samples.data(), weights = samples.weights("mlp");
    const std::string positions = data + "/data_3d_h36m.npz", other = data + "/test_3dhp.npz",
                      bytes = read_file(positions);
    write_file(positions, bytes.substr(0, bytes.size() / 2));
    fails(evaluate(data, weights, {"--on", "h36m"}), "data_3d_h36m.npz");

    const std::string trace = samples.path("trace");
    write_member(positions, "positions_3d", npy_header("|O", "()") + "cos\nsystem\n(S'touch " + trace + "'\ntR.");
    fails(evaluate(data, weights, {"--on", "h36m"}), "system");
    CHECK_FALSE(std::filesystem::exists(trace));

    write_member(other, "pose3d", npy_header("<f4", "(1152921504606846976,)") + "few bytes");
    fails(evaluate(data, weights, {"--on", "3dhp"}), "test_3dhp.npz");
    samples.arrays("data/test_3dhp.npz",
                   {{"pose3d", Array::of({2, 14, 3}, std::vector<float>(84))}, {"pose2d", image_points(2)}});
    fails(evaluate(data, weights, {"--on", "3dhp"}), "(2, 14, 3) float32; expected (poses, 16, 3)");
}

TEST_CASE("evaluate: a JSON file that cannot be written") {
    Samples samples;
    const std::string data = samples.data(), weights = samples.weights("mlp");
    fails(evaluate(data, weights, {"--json", samples.path("none/errors.json")}), "there is no folder");
    fails(evaluate(data, weights, {"--json", "/dev/full"}), "not a regular file");
    const auto before = samples.files();
    const Outcome full = evaluate(data, weights, {"--json", samples.path("errors.json")}, "mlp", "ulimit -f 0;");
    CHECK(full.status == 1); // the message has no room either
    CHECK(samples.files() == before);
}
