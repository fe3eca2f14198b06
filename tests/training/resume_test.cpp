#include "data/synth.hpp"
#include "tests/data/files.hpp"
#include "tests/support.hpp"
#include "training/runs.hpp"

#include <doctest/doctest.h>

// tests/app/resume_test.sh kills the program itself; here a run is broken off inside an epoch, on every device.

using namespace poseaug;
using testing::read_file;

namespace {

struct BrokenOff {};

void train(Device& device, const std::filesystem::path& data, const std::filesystem::path& out,
           const std::string& model, bool resume, const RunEvents& events = {},
           DataMemory data_memory = DataMemory::device) {
    RunOptions options;
    options.data = data;
    options.out = out;
    options.model = model;
    options.width = 16;
    options.stride = 4;
    options.seed = 3;
    options.resume = resume;
    options.data_memory = data_memory;
    PoseAugSettings settings;
    settings.epochs = 3;
    settings.batch = 64;
    settings.pool_capacity = 200;
    settings.loss.warmup = 1;
    run_poseaug(device, options, settings, {}, events);
}

} // namespace

TEST_CASE("a training broken off inside an epoch and resumed ends with the bits of one that was not, on every device") {
    const testing::TemporaryFolder folder;
    write_synthetic(folder / "data", {.poses = 2800, .seed = 3});
    for (const auto& device : test::devices())
        for (const std::string model : {"mlp", "gcn"}) {
            CAPTURE(device->name());
            const std::string place = std::string(device->is_cuda() ? "cuda" : "cpu") + "_" + model;
            const auto whole = folder / ("whole_" + place), broken = folder / ("broken_" + place);
            train(*device, folder / "data", whole, model, false);
            const auto stop = [](const std::string& pass, std::int64_t done, std::int64_t) {
                if (pass.find("epoch 3") != std::string::npos && done == 3) throw BrokenOff{};
            };
            CHECK_THROWS_AS(train(*device, folder / "data", broken, model, false, {.progress = stop}), BrokenOff);
            CHECK(read_file(broken / "state.safetensors") != read_file(whole / "state.safetensors"));
            // with the data elsewhere, which must not change a bit
            train(*device, folder / "data", broken, model, true, {}, DataMemory::host);
            for (const std::string file : {"state", "last", "augmentor", "best_h36m", "best_3dhp"}) {
                CAPTURE(file);
                const std::string name = file + ".safetensors", bytes = read_file(whole / name);
                CHECK(bytes.size() > 1000);
                CHECK((read_file(broken / name) == bytes));
            }
        }
}
