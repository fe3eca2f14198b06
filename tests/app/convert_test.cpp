#include "data/npz.hpp"
#include "data/weight_file.hpp"
#include "tests/app/command_line.hpp"
#include "tests/data/torch_samples.hpp"

#include <doctest/doctest.h>

using namespace poseaug;
using namespace poseaug::testing;

namespace {

Outcome convert(const std::string& from, const std::string& to, const std::vector<std::string>& more = {}) {
    std::vector<std::string> words = {"convert", from, to};
    words.insert(words.end(), more.begin(), more.end());
    return run_poseaug(words);
}

/// What a conversion that has to succeed prints.
std::string converted(const std::string& from, const std::string& to, const std::vector<std::string>& more = {}) {
    const Outcome outcome = convert(from, to, more);
    INFO(outcome.errors);
    REQUIRE(outcome.status == 0);
    return outcome.output;
}

/// A failure that says `message` and writes no file.
void fails(const Samples& samples, const std::string& from, const std::string& to, const std::string& message,
           const std::vector<std::string>& more = {}) {
    const auto before = samples.files();
    const Outcome outcome = convert(from, to, more);
    INFO(outcome.errors);
    CHECK(outcome.status == 1);
    CHECK(outcome.output.empty());
    CHECK(outcome.says(message));
    CHECK(samples.files() == before);
}

void check_same(const std::string& file, const std::string& other) {
    const auto a = read_weight_file(file).tables.at(0).content.tensors,
               b = read_weight_file(other).tables.at(0).content.tensors;
    REQUIRE(a.size() == b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
        CHECK(a[i].first == b[i].first);
        CHECK(a[i].second.describe() == b[i].second.describe());
        CHECK(a[i].second.bytes == b[i].second.bytes);
    }
}

} // namespace

TEST_CASE("convert: between all formats, names, shapes and values as they were") {
    Samples samples;
    for (const std::string network : {"mlp", "videopose", "gcn", "stgcn", "augmentor"}) {
        const std::string start = samples.weights(network);
        std::string from = start;
        for (const char* name : {"w.pth", "w.npz", "w.pth.tar", "w.pt", "w.bin", "w.safetensors"}) {
            const std::string said = converted(from, samples.path(name));
            CHECK(contains(said, name));
            CHECK(contains(said, network == "augmentor" ? "an augmentor, width 8"
                                                        : "the estimator '" + network + "', width 8"));
            check_same(start, samples.path(name));
            from = samples.path(name);
        }
        CHECK(read_file(samples.path("w.pth")) == read_file(samples.path("w.bin")));
        const auto back = read_safetensors(samples.path("w.safetensors"));
        CHECK(back.metadata.at("network") == network);
        CHECK(back.metadata.at("format") == "poseaug-1");
    }
}

TEST_CASE("convert: says what is left out, and keeps metadata where they have a place") {
    Samples samples;
    const std::string start = samples.path("start.safetensors");
    NamedTensors weights = read_safetensors(samples.weights("augmentor"));
    weights.metadata["ratio_limit"] = "0.3";
    for (auto& [name, array] : weights.tensors) name.insert(0, "module.");
    write_safetensors(start, weights);
    std::string said = converted(start, samples.path("w.pth"));
    CHECK(contains(said, "left out: ratio_limit = 0.3"));
    CHECK(contains(said, "stripped: the prefix 'module.'"));
    CHECK(contains(said, "an augmentor, width 8"));
    said = converted(start, samples.path("w.safetensors"));
    CHECK_FALSE(contains(said, "left out"));
    CHECK(read_safetensors(samples.path("w.safetensors")).metadata.at("ratio_limit") == "0.3");
}

TEST_CASE("convert: one part of a file of several networks") {
    const Samples samples;
    const std::string file = samples.path("two.pth.tar"), out = samples.path("w.npz");
    const auto part = [](int count) { return "}" + py2_text("w") + tensor_code(6, 0, {count}, {1}) + "s"; };
    write_file(file, legacy_file("\x80\2}(" + py2_text("model_pos") + part(2) + py2_text("model_G") + part(3) +
                                     py2_text("epoch") + "K\4" + py2_text("optimizer") + "}" + py2_text("state") +
                                     part(6) + "su.",
                                 {0, 1, 2, 3, 4, 5}));
    fails(samples, file, out, "holds several sets of arrays: 'model_pos', 'model_G'; choose one with --part");
    fails(samples, file, out, "has nothing under 'model_D'", {"--part", "model_D"});
    const std::string said = converted(file, out, {"--part", "model_G"});
    CHECK(contains(said, "PyTorch, legacy format, under 'model_G'"));
    CHECK(contains(said, "left out: optimizer (1 tensors), epoch = 4, model_pos (1 tensors)"));
    CHECK(contains(said, "a network not known here; 1 arrays, 3 learned parameters"));
    CHECK(values_of(out, "w") == std::vector<float>{0, 1, 2});
    fails(samples, out, samples.path("x.pth"), "it holds its arrays by themselves", {"--part", "w"});
}

TEST_CASE("convert: the format by --to, or none") {
    Samples samples;
    const std::string weights = samples.weights("mlp");
    converted(weights, samples.path("weights"), {"--to", "npz"});
    CHECK(npz_members(samples.path("weights")).size() > 10);
    fails(samples, weights, samples.path("w.h5"), "w.h5: does not say a format");
    const Outcome unknown = convert(weights, samples.path("w"), {"--to", "h5"});
    CHECK(unknown.status == 2);
    CHECK(run_poseaug({"convert", weights}).status == 2);
}

TEST_CASE("convert: what cannot be read or written") {
    Samples samples;
    const std::string weights = samples.weights("mlp"), out = samples.path("w.pth");
    fails(samples, samples.path("none.pth"), out, "none.pth: there is no such file");
    fails(samples, weights, samples.path("none/w.pth"), "there is no folder");
    write_file(samples.path("letter.pth"), "Dear reader");
    fails(samples, samples.path("letter.pth"), out, "letter.pth: is no weight file");
    converted(weights, samples.path("whole.pth"));
    const std::string bytes = read_file(samples.path("whole.pth"));
    write_file(samples.path("cut.pth"), bytes.substr(0, bytes.size() / 2));
    fails(samples, samples.path("cut.pth"), out, "cut.pth");
    const std::string trace = samples.path("trace");
    write_file(samples.path("call.pth"), legacy_file("\x80\2cos\nsystem\n(S'touch " + trace + "'\ntR.", {}));
    fails(samples, samples.path("call.pth"), out, "os.system, which is refused");
    CHECK_FALSE(std::filesystem::exists(trace));
    samples.arrays("text.npz", {{"a", Array::of({1}, std::vector<std::string>{"x"})}});
    fails(samples, samples.path("text.npz"), out, "holds text");
    samples.arrays("wide.npz", {{"a", {ElementType::u16, {1}, std::vector<std::byte>(2), {}}}});
    fails(samples, samples.path("wide.npz"), out, "uint16, which a PyTorch file cannot hold");
}
