#include "data/onnx.hpp"

#include "engine/matmul.hpp"
#include "kernels/network/ops.hpp"
#include "kernels/pose/pad_hip.hpp"
#include "tests/data/files.hpp"
#include "tests/workbench.hpp"

using namespace poseaug;
using test::contains;
using test::error_of;
using test::Workbench;
using testing::TemporaryFolder;

namespace {

/// Records `forward` (image to pose) on five images and writes it.
template <class F> std::string error_of_export(const std::filesystem::path& file, const F& forward) {
    const auto cpu = open_device({.kind = "cpu", .threads = 1});
    Workbench<float> bench(*cpu);
    Tape<float> tape(bench.stream, bench.arena);
    const Var image = tape.constant(bench.normal(32, 5, 1));
    const Var pose = forward(bench, tape, image);
    return error_of([&] { write_onnx(file, "test", tape, image, pose, {}); });
}

Var random_product(Workbench<float>& bench, Tape<float>& tape, Var image) {
    const Var w = tape.constant(bench.normal(45, 32, 2));
    return tape.apply<PadHip>({tape.apply<MatMul>({w, image})});
}

} // namespace

TEST_CASE("a model in ONNX: constants are shared where they are the same, and kept apart where they are not") {
    OnnxModel model("test");
    CHECK(model.constant("w", {2, 1}, {1, 2}) == "w");
    CHECK(model.constant("w", {2, 1}, {1, 2}) == "w");
    CHECK(model.constant("w", {1, 2}, {1, 2}) != "w");
    CHECK(model.integers({-1, 3}) == model.integers({-1, 3}));
    CHECK(model.constants().size() == 3);
    const std::string y = model.add("Relu", {"x"});
    REQUIRE(model.maker_of(y));
    CHECK(model.maker_of(y)->type == "Relu");
    CHECK_FALSE(model.maker_of("x"));
}

TEST_CASE("export to ONNX: a file is written, or this build says that it cannot") {
    TemporaryFolder folder;
    const std::string error = error_of_export(folder / "m.onnx", random_product);
    CHECK(std::filesystem::exists(folder / "m.onnx") == error.empty());
    if (!error.empty()) CHECK(contains(error, "POSEAUG_ONNX=ON"));
    CHECK(contains(error_of_export(folder / "none" / "m.onnx", random_product), "m.onnx"));
}

TEST_CASE("export to ONNX: what cannot be translated is named") {
    TemporaryFolder folder;
    const auto file = folder / "m.onnx";
    const auto without_converter = [](auto& bench, auto& tape, Var image) {
        return random_product(bench, tape, tape.template apply<Tanh>({image}));
    };
    CHECK(contains(error_of_export(file, without_converter), "'tanh'"));
    const auto constant = [](auto& bench, auto& tape, Var) { return tape.constant(bench.normal(48, 5, 3)); };
    CHECK(contains(error_of_export(file, constant), "does not depend on the image"));
    const auto in_training = [](auto& bench, auto& tape, Var image) {
        const Var one = tape.constant(bench.filled(32, 1, 1));
        const Var normed = tape.template apply<BatchNorm>({image, one, one}, BatchNorm{},
                                                          {bench.filled(32, 1, 0), bench.filled(32, 1, 1)});
        return random_product(bench, tape, normed);
    };
    CHECK(contains(error_of_export(file, in_training), "while training"));
    const auto fixed_batch = [](auto& bench, auto& tape, Var image) {
        return random_product(bench, tape,
                              tape.template apply<BiasActivation>({image, {}, tape.constant(bench.normal(32, 5, 4))}));
    };
    CHECK(contains(error_of_export(file, fixed_batch), "bias_activation"));
    CHECK_FALSE(std::filesystem::exists(file));
}
