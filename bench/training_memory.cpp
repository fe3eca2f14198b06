#include "bench/training_memory.hpp"

#include "bench/process_memory.hpp"
#include "bench/temporary_folder.hpp"
#include "bench/training_rig.hpp"
#include "data/h36m.hpp"
#include "data/synth.hpp"
#include "data/test_set.hpp"
#include "training/runs.hpp"

namespace poseaug::bench {
namespace {

double bytes_of(const PoseSet& set) {
    return static_cast<double>((set.joints.size() + set.image.size() + set.camera.size()) * sizeof(float));
}

double bytes_of_data(const std::filesystem::path& folder) {
    std::vector<std::string> subjects = kTrainingSubjects;
    subjects.insert(subjects.end(), kTestSubjects.begin(), kTestSubjects.end());
    return bytes_of(load_h36m(folder, "gt", subjects)) + bytes_of(load_test_set(folder / "test_3dhp.npz"));
}

/// The swapped and the augmented poses, 3D and 2D, of each training pose.
double bytes_made(const std::filesystem::path& folder) {
    constexpr std::size_t pose = 48 + 32;
    return static_cast<double>(load_h36m(folder, "gt", kTrainingSubjects).size()) * 2 * pose * sizeof(float);
}

} // namespace

TrainingMemory count_training_memory(const Estimator& estimator, int batch) {
    const auto device = open_dry_device("cpu");
    TrainingRig rig(*device, estimator, batch, 2);
    rig.augmentor_steps({}); // the first of the two trains the discriminators
    rig.estimator_steps({});
    return rig.memory();
}

TrainingMemory measure_training_memory(Device& device, const Estimator& estimator, int batch, std::int64_t poses) {
    TrainingMemory memory = count_training_memory(estimator, batch);
    const TemporaryFolder folder;
    write_synthetic(folder / "data", {.poses = poses});
    memory.data = bytes_of_data(folder / "data");
    memory.made = bytes_made(folder / "data");
    RunOptions options;
    options.data = folder / "data";
    options.out = folder / "run";
    options.model = estimator.name;
    PoseAugSettings settings;
    settings.loss.warmup = 0;
    settings.epochs = 1;
    settings.batch = batch;
    settings.dropout = estimator.dropout;
    const MemoryGrowth growth;
    run_poseaug(device, options, settings, {});
    memory.peak = growth.peak();
    return memory;
}

} // namespace poseaug::bench
