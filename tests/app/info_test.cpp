#include "tests/app/command_line.hpp"
#include "tests/data/torch_samples.hpp"

#include <doctest/doctest.h>

using namespace poseaug;
using namespace poseaug::testing;

namespace {

nlohmann::json info(const std::string& file) {
    const Outcome outcome = run_poseaug({"info", file, "--json", "-"});
    INFO(outcome.errors);
    REQUIRE(outcome.status == 0);
    return nlohmann::json::parse(outcome.output);
}

void fails(const std::string& file, const std::string& message) {
    const Outcome outcome = run_poseaug({"info", file});
    INFO(outcome.errors);
    CHECK(outcome.status == 1);
    CHECK(outcome.output.empty());
    CHECK(outcome.says(message));
}

} // namespace

TEST_CASE("info: weight files tell their network") {
    Samples samples;
    for (const std::string name : {"mlp", "videopose", "gcn", "stgcn", "augmentor"}) {
        const auto json = info(samples.weights(name, 12));
        CHECK(json.at("network") == (name == "augmentor" ? name : "estimator " + name));
        CHECK(json.at("width") == 12);
        CHECK(json.at("metadata").at("network") == name);
    }
    // 32 in, four of 12, 45 out, with biases, and weight and bias of five batch norms
    CHECK(info(samples.weights("mlp", 12)).at("parameters") == 33 * 12 + 4 * 13 * 12 + 13 * 45 + 5 * 2 * 12);
    const Outcome text = run_poseaug({"info", samples.weights("mlp", 12)});
    CHECK(contains(text.output, "estimator mlp, width 12"));
    CHECK(contains(text.output, "(12, 32) float32"));
}

TEST_CASE("info: weights of other formats tell the same, and what lies beside them") {
    Samples samples;
    const std::string weights = samples.weights("videopose", 12);
    const auto expected = info(weights);
    for (const char* name : {"w.npz", "w.pth", "w.bin"}) {
        REQUIRE(run_poseaug({"convert", weights, samples.path(name)}).status == 0);
        const auto json = info(samples.path(name));
        for (const char* key : {"network", "width", "parameters", "tensors"}) CHECK(json.at(key) == expected.at(key));
    }
    CHECK(info(samples.path("w.pth")).at("format") == "PyTorch, zip format");
    write_file(samples.path("old.pth.tar"),
               legacy_file("\x80\2}(" + py2_text("state_dict") + "}" + py2_text("w") + tensor_code(2, 0, {2}, {1}) +
                               "s" + py2_text("epoch") + "K\7" + py2_text("optimizer") + "}u.",
                           {1, 2}));
    const Outcome outcome = run_poseaug({"info", samples.path("old.pth.tar")});
    INFO(outcome.errors);
    CHECK(contains(outcome.output, "(PyTorch, legacy format), under 'state_dict': 1 tensors\n  epoch = 7\n"));
    CHECK(contains(outcome.output, "  beside: optimizer\n"));
}

TEST_CASE("info: pose files tell subjects, clips and frames; other arrays their shapes") {
    Samples samples;
    const std::string data = samples.data();
    const auto positions = info(data + "/data_3d_h36m.npz").at("members").at("positions_3d").at("holds");
    const auto detections = info(data + "/data_2d_h36m_noisy.npz").at("members").at("positions_2d").at("holds");
    CHECK(positions.size() == 7);
    CHECK(positions.at("S9").at("frame") == "32 x 3");
    CHECK(positions.at("S9").at("frames").get<int>() > 0);
    CHECK(positions.at("S9").at("actions").size() == positions.at("S9").at("clips").get<std::size_t>());
    CHECK(detections.at("S9").at("frame") == "17 x 2");
    CHECK(detections.at("S9").at("cameras") == 4);
    CHECK(info(data).at("files").size() == 4);
    CHECK(info(samples.arrays("a.npz", {{"x", image_points(5)}})).at("members").at("x").at("shape") ==
          std::vector<int>{5, 16, 2});
    write_file(samples.path("a.npy"), npy_header("<f4", "(1,)") + std::string(4, '\0'));
    CHECK(info(samples.path("a.npy")).at("members").at("(array)").at("is") == "(1,) float32");
}

TEST_CASE("info: a run's folder tells its settings and last epoch") {
    const Samples samples;
    const auto file = [&](const std::string& name) { return samples.path("run/" + name); };
    std::filesystem::create_directory(samples.path("run"));
    write_file(file("settings.json"), R"({"model": "mlp", "batch": 64})");
    CHECK(info(samples.path("run")).at("log_lines") == 0);
    write_file(file("log.jsonl"), "{\"epoch\": 1}\n{\"epoch\": 2, \"kept\": 33}\n");
    const auto json = info(samples.path("run"));
    CHECK(json.at("settings").at("model") == "mlp");
    CHECK(json.at("last").at("kept") == 33);
    CHECK(contains(run_poseaug({"info", samples.path("run")}).output, "  batch = 64\n"));
    write_file(file("log.jsonl"), "{\"epoch\": 1}\n{\"epo");
    fails(samples.path("run"), "log.jsonl, line 2 is not JSON");
    write_file(file("settings.json"), "{");
    fails(samples.path("run"), "settings.json is not JSON");
}

TEST_CASE("info: what it does not understand") {
    Samples samples;
    write_file(samples.path("letter.txt"), "Dear reader");
    fails(samples.path("letter.txt"), "unknown kind; understood are .npz, .npy, .safetensors");
    fails(samples.path("none.npz"), "there is no such file");
    std::filesystem::create_directory(samples.path("empty"));
    fails(samples.path("empty"), "without settings.json");
    fails("/dev/null", "not a regular file");
    write_file(samples.path("cut.npz"), read_file(samples.data() + "/test_3dhp.npz").substr(0, 5000));
    fails(samples.path("cut.npz"), "cut.npz");
    write_file(samples.path("cut.safetensors"), read_file(samples.weights("mlp")).substr(0, 500));
    fails(samples.path("cut.safetensors"), "cut.safetensors");
    const std::string trace = samples.path("trace");
    write_member(samples.path("call.npz"), "x", npy_header("|O", "()") + "cos\nsystem\n(S'touch " + trace + "'\ntR.");
    fails(samples.path("call.npz"), "system");
    CHECK_FALSE(std::filesystem::exists(trace));
}
