#include "tests/training/counting_device.hpp"
#include "tests/training/tiny.hpp"
#include "training/test_sets.hpp"

// What an epoch asks of the host beside the launching of its steps: it must not depend on how many steps there are.

using namespace poseaug;
using test::CountingDevice;
using test::TinyData;
using test::TinyTraining;

namespace {

PoseSet set_of(int poses) {
    const TinyData data(poses);
    PoseSet set;
    set.joints.assign(data.joints.begin(), data.joints.end());
    set.image.assign(data.image.begin(), data.image.end());
    set.clips = {{"S9", "Walking", 0, 0, poses / 2}, {"S9", "Eating", 0, poses / 2, poses - poses / 2}};
    return set;
}

/// The fourth epoch of a training on so many poses, two test sets evaluated after each pass.
CountingDevice::Counts fourth_epoch(int poses) {
    CountingDevice device;
    TinyTraining<float> training(device, TinyData(poses), 1);
    const PoseSet sets[] = {set_of(90), set_of(40)};
    Evaluator<float> first(training.stream, training.trainer.arena(), sets[0], find_estimator("mlp"),
                           training.networks.estimator, false),
        second(training.stream, training.trainer.arena(), sets[1], find_estimator("mlp"), training.networks.estimator,
               true);
    int evaluations = 0;
    const auto queue = [&] {
        first.queue();
        second.queue();
    };
    const auto read = [&](const std::string&) {
        evaluations += first.result().all.mpjpe > 0 && second.result().all.mpjpe > 0 ? 1 : 0;
    };
    for (int k = 1; k <= 3; ++k) training.trainer.epoch(k, {queue, read});
    device.counts = {};
    training.trainer.epoch(4, {queue, read});
    CHECK(evaluations == 4);
    return device.counts;
}

} // namespace

TEST_CASE("an epoch waits for the device three times, whatever the number of its steps") {
    const auto few = fourth_epoch(100), many = fourth_epoch(1000);
    for (const auto& counts : {few, many}) {
        CHECK(counts.waits == 3); // after the augmentor's pass, which says how many poses were kept, and after each fit
        CHECK(counts.downloads == 0);
        CHECK(counts.queued_downloads == 3 + 2 * (2 + 2)); // figures and their first bad steps; kept; sums of the sets
        CHECK(counts.downloaded_bytes < 4096);
        // four rates, the hardness, and at the beginning of each pass and evaluation its first batch and its figures
        CHECK(counts.uploads == 4 + 1 + 1 + 2 + 2 * (2 + 2));
        CHECK(counts.allocations == 0);
    }
    CHECK(few.downloaded_bytes == many.downloaded_bytes);
}
