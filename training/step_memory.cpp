#include "training/step_memory.hpp"

#include "training/augmentor_pass.hpp"

namespace poseaug {

std::size_t step_bytes(const Estimator& kind, int width, int batch) {
    constexpr int counted = 64; // all tensors but the smallest grow with the batch
    constexpr std::size_t block = 1 << 16;
    PoseAugSettings settings;
    settings.batch = counted;
    const auto device = open_dry_device("cpu");
    Stream<float> stream(*device);
    StepClock clock(*device);
    PhiloxDecisions<float> random(*device, 0, clock.state());
    PoseAugNetworks<float> networks(*device, kind, {.estimator = width});
    const ResidentPoses<float> data(*device, std::vector<float>(counted * 48), std::vector<float>(counted * 32),
                                    std::vector<float>(counted * 9));
    Arena arena(*device, block);
    const BoneSwap<float> source(stream, arena, clock, data, std::vector<float>(15));
    AugmentorPass<float> pass(stream, arena, clock, random, networks, data, source, settings);
    pass.run(settings.loss.warmup + 1);
    return (arena.capacity() + counted - 1) / counted * static_cast<std::size_t>(batch);
}

} // namespace poseaug
