#include "training/data_placement.hpp"

#include "tests/training/counting_device.hpp"
#include "tests/training/tiny.hpp"
#include "training/step_memory.hpp"

using namespace poseaug;
using test::contains;
using test::CountingDevice;
using test::TinyData;
using test::TinyTraining;

namespace {

constexpr std::size_t kGiB = std::size_t{1} << 30;
const DataPlacement kAllHost = {Memory::host, Memory::host, Memory::host, {}};

/// 100 million poses: 35.6 GB, with 32 GB of swapped ones and as many augmented.
constexpr DataNeeds kNeeds = {.poses = 100'000'000, .extra_images = 0, .augments = true, .step_bytes = kGiB};

DataPlacement placed(std::size_t free, DataMemory wanted = DataMemory::automatic) {
    return place_data(CountingDevice(free), wanted, kNeeds);
}

struct Outcome {
    std::vector<std::vector<float>> arrays;
    std::vector<Figures> figures;
    std::vector<std::int64_t> kept;
    bool operator==(const Outcome&) const = default;
};

/// Four epochs, two of them past the warm-up, so that every kind of step is replayed too.
Outcome trained(Device& device, const TinyData& poses, const DataPlacement& placement, bool replayed) {
    const std::vector<float> extra(7 * 32, 0.1F);
    TinyTraining<float> training(device, poses, 1, test::tiny_settings(), extra, find_estimator("mlp"), placement);
    training.stream.replay_steps(replayed);
    Outcome outcome;
    for (int k = 1; k <= 4; ++k) {
        const EpochReport report = training.trainer.epoch(k);
        outcome.figures.push_back(report.figures);
        outcome.kept.push_back(report.kept);
    }
    outcome.arrays = training.weights();
    for (const int q : {0, 1}) outcome.arrays.push_back(training.trainer.augmentor_pass().pool(q).items().download());
    return outcome;
}

} // namespace

TEST_CASE("data go to the device's memory as far as there is room, the most read first") {
    const auto all = placed(200 * kGiB), some = placed(70 * kGiB), little = placed(50 * kGiB), none = placed(kGiB);
    CHECK((all.swapped == Memory::device && all.poses == Memory::device && all.augmented == Memory::device));
    CHECK((some.swapped == Memory::device && some.poses == Memory::host && some.augmented == Memory::device));
    CHECK((little.swapped == Memory::device && little.poses == Memory::host && little.augmented == Memory::host));
    CHECK((none.swapped == Memory::host && none.poses == Memory::host && none.augmented == Memory::host));
    CHECK(all.text == "swapped poses, training poses, augmented poses (94986 MiB) in the device's memory");
    CHECK(contains(little.text, "swapped poses (30518 MiB) in the device's memory; training poses, augmented poses"));
    CHECK(contains(none.text, "in the host's, fetched a step ahead"));
    CHECK(placed(200 * kGiB, DataMemory::host).swapped == Memory::host);
    CHECK(placed(kGiB, DataMemory::device).swapped == Memory::device);
    CHECK(find_data_memory("host") == DataMemory::host);
    CHECK(contains(test::error_of([] { find_data_memory("disk"); }), "'disk' is none of auto, device, host"));
}

TEST_CASE(
    "a training from the host's memory gives the bits of one from the device's, last batches and replays included") {
    for (const auto& device : test::devices())
        for (const int poses : {100, 75, 97, 64}) { // even and odd steps, a last batch, one of a single pose, none
            CAPTURE(poses);
            const TinyData data(poses);
            const Outcome near = trained(*device, data, {}, true);
            CHECK(trained(*device, data, kAllHost, true) == near);
            CHECK(trained(*device, data, kAllHost, false) == near);
            CHECK(trained(*device, data, {Memory::host, Memory::device, Memory::device, {}}, true) == near);
        }
}

TEST_CASE("the tensors of a step are counted without running it") {
    const Estimator& mlp = find_estimator("mlp");
    const std::size_t bytes = step_bytes(mlp, mlp.width, 1024);
    CHECK(bytes > std::size_t{300} << 20);
    CHECK(bytes < std::size_t{2} << 30);
    CHECK(step_bytes(mlp, mlp.width, 2048) == 2 * bytes);
    CHECK(step_bytes(mlp, 64, 1024) < bytes);
}
