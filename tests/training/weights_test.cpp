#include "training/weights.hpp"

#include "data/weight_file.hpp"
#include "models/augmentor.hpp"
#include "tests/data/files.hpp"
#include "tests/workbench.hpp"

#include <cmath>

using namespace poseaug;
using test::contains;
using test::error_of;

TEST_CASE("weights are saved with the shapes of the reference and come back, width included") {
    for (const auto& device : test::devices()) {
        const testing::TemporaryFolder folder;
        const Estimator& videopose = find_estimator("videopose");
        Network<float> network(*device, videopose.layout(8));
        network.initialise(1);
        save_weights(folder / "w.safetensors", network, "videopose", {{"epoch", "3"}});
        CHECK(folder.count() == 1);
        const NamedTensors file = read_weights(folder / "w.safetensors");
        CHECK(file.metadata.at("network") == "videopose");
        CHECK(file.metadata.at("epoch") == "3");
        CHECK(file.find("layers_conv.0.weight")->shape == std::vector<std::int64_t>{8, 8, 1});
        const LoadedEstimator<float> loaded = load_estimator<float>(*device, folder / "w.safetensors");
        CHECK(&loaded.kind == &videopose);
        CHECK(loaded.metadata.at("epoch") == "3");
        CHECK(loaded.network.save() == network.save());
    }
}

TEST_CASE("weights of another network are refused, saying whose they are") {
    const auto device = open_device({.kind = "cpu", .threads = 1});
    const testing::TemporaryFolder folder;
    const auto file = folder / "w.safetensors";
    Network<float> augmentor(*device, augmentor_layout(8));
    save_weights(file, augmentor, "augmentor");
    CHECK(load_augmentor<float>(*device, file).save() == augmentor.save());
    CHECK(contains(error_of([&] { load_estimator<float>(*device, file, "mlp"); }),
                   "w.safetensors holds an augmentor, not the estimator 'mlp'"));
    Network<float> videopose(*device, find_estimator("videopose").layout(8));
    save_weights(file, videopose, "videopose");
    CHECK(contains(error_of([&] { load_estimator<float>(*device, file, "mlp"); }), "holds the estimator 'videopose'"));
    CHECK(contains(error_of([&] { load_augmentor<float>(*device, file); }),
                   "holds the estimator 'videopose', not an augmentor"));
}

TEST_CASE("weights that do not fit are refused by name and change nothing") {
    const auto device = open_device({.kind = "cpu", .threads = 1});
    const testing::TemporaryFolder folder;
    const auto file = folder / "w.safetensors";
    Network<float> network(*device, find_estimator("mlp").layout(8)), other(*device, find_estimator("mlp").layout(6));
    network.initialise(1);
    const auto before = network.save();
    save_weights(file, other, "mlp");
    NamedTensors weights = read_weights(file);
    const Layout layout = find_estimator("mlp").layout(8);
    CHECK(contains(error_of([&] { load_weights(weights, file, layout, network); }),
                   "'w1.weight' is (6, 32) float32; expected (8, 32)"));
    save_weights(file, network, "mlp");
    weights = read_weights(file);
    weights.tensors.pop_back();
    CHECK(contains(error_of([&] { load_weights(weights, file, layout, network); }), "lacks 'w2.bias'"));
    weights = read_weights(file);
    weights.tensors.front().second = Array::of({8, 32}, std::vector<float>(256, NAN));
    CHECK(contains(error_of([&] { load_weights(weights, file, layout, network); }),
                   "'w1.weight' holds values that are not finite"));
    CHECK(network.save() == before);
}

TEST_CASE("a file's arrays tell the network, whatever the format") {
    const auto device = open_device({.kind = "cpu", .threads = 1});
    const testing::TemporaryFolder folder;
    for (const Estimator& estimator : estimators()) {
        Network<float> network(*device, estimator.layout(8));
        network.initialise(1);
        save_weights(folder / "w.safetensors", network, std::string(estimator.name));
        NamedTensors weights = read_weights(folder / "w.safetensors");
        weights.tensors.emplace_back("some.num_batches_tracked", Array::of({}, std::vector<std::int64_t>{5}));
        for (const WeightFormat format : {WeightFormat::safetensors, WeightFormat::npz, WeightFormat::torch}) {
            write_weight_file(folder / "w", format, weights);
            const LoadedEstimator<float> loaded = load_estimator<float>(*device, folder / "w");
            CHECK(&loaded.kind == &estimator);
            CHECK(loaded.network.save() == network.save());
        }
        const auto found = whole_network_in(weights);
        REQUIRE(found.has_value());
        CHECK(found->width == 8);
        CHECK(found->name() == estimator.name);
        CHECK(learned_parameters(weights) == network.learned());
        std::erase_if(weights.tensors, [&](const auto& tensor) { return tensor.first.ends_with("running_var"); });
        CHECK_FALSE(whole_network_in(weights).has_value());
    }
}

TEST_CASE("a file of no estimator or of two is refused, naming what it holds") {
    const auto device = open_device({.kind = "cpu", .threads = 1});
    const testing::TemporaryFolder folder;
    const auto file = folder / "w.safetensors";
    write_safetensors(file, {{{"x", Array::of({1}, std::vector<float>{1})}}, {}});
    CHECK(contains(error_of([&] { read_estimator(file); }), "holds no network known here, not an estimator"));
    CHECK(contains(error_of([&] { read_estimator(file, "resnet"); }), "no estimator is named 'resnet'"));
    NamedTensors both;
    for (const char* name : {"mlp", "videopose"}) {
        Network<float> network(*device, find_estimator(name).layout(4));
        network.initialise(1);
        save_weights(file, network, name);
        for (auto& tensor : read_weights(file).tensors) both.tensors.push_back(tensor);
    }
    write_safetensors(file, both);
    CHECK(contains(error_of([&] { read_estimator(file); }),
                   "holds the estimator 'mlp' and the estimator 'videopose', where one was expected"));
    CHECK(read_estimator(file, "mlp").network.estimator == &find_estimator("mlp"));
    CHECK(contains(error_of([&] { read_augmentor(file); }),
                   "holds the estimator 'mlp' and the estimator 'videopose', not an augmentor"));
    CHECK_FALSE(whole_network_in(both).has_value());
}

TEST_CASE("an augmentor's file tells the ratio limit it was trained with") {
    const auto device = open_device({.kind = "cpu", .threads = 1});
    const testing::TemporaryFolder folder;
    const auto file = folder / "augmentor.safetensors";
    const Network<float> augmentor(*device, augmentor_layout(4));
    save_weights(file, augmentor, "augmentor", {{"ratio_limit", "1e-07"}});
    CHECK(trained_ratio_limit(file) == 1e-7);
    save_weights(file, augmentor, "augmentor");
    CHECK(trained_ratio_limit(file) == 0.2);
    for (const char* bad : {"abc", "", "1.5", "0.1x"}) {
        save_weights(file, augmentor, "augmentor", {{"ratio_limit", bad}});
        CHECK(contains(error_of([&] { trained_ratio_limit(file); }), "Give --ratio-limit"));
    }
}
