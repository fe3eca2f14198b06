#include "bench/training_rig.hpp"

#include "kernels/pose/project.hpp"
#include "kernels/pose/sampling.hpp"
#include "training/batches.hpp"

#include <numeric>

namespace poseaug::bench {
namespace {

constexpr double kRate = 1e-4;

/// Columns of `m`, one after another, `count` of them, from the first again after the last.
std::vector<float> pose_major(const Sample::Matrix& m, int count) {
    std::vector<float> values;
    values.reserve(static_cast<std::size_t>(m.rows) * static_cast<std::size_t>(count));
    for (int c = 0; c < count; ++c)
        for (int r = 0; r < m.rows; ++r)
            values.push_back(
                static_cast<float>(m.values[static_cast<std::size_t>(r) * static_cast<std::size_t>(m.cols) +
                                            static_cast<std::size_t>(c % m.cols)]));
    return values;
}

PoseAugSettings settings_for(const Estimator& estimator, int batch) {
    PoseAugSettings settings;
    settings.batch = batch;
    settings.dropout = estimator.dropout;
    return settings;
}

} // namespace

ResidentPoses<float> random_poses(Stream<float>& stream, int count) {
    constexpr int drawn = 4096;
    Device& device = stream.device();
    const int distinct = std::min(count, drawn);
    ResidentPoses<float> data(device, pose_major(sampling::poses(distinct), count),
                              std::vector<float>(static_cast<std::size_t>(count) * 32),
                              pose_major(sampling::cameras(distinct), count));
    Arena arena(device);
    Tape<float> tape(stream, arena);
    const auto all = [&](const DeviceArray<float>& from, int rows) {
        return tape.constant(gather<float>(tape, from.data(), rows, nullptr, nullptr, count, count));
    };
    const Var image = tape.apply<Project>({all(data.joints, 48), all(data.camera, 9)});
    scatter<float>(tape, tape.value(image), data.image.data(), nullptr, count);
    device.synchronize();
    return data;
}

TrainingRig::TrainingRig(Device& device, const Estimator& estimator, int batch, int batches)
    : batch_(batch), stream_(device), arena_(device), clock_(device), random_(device, 0, clock_.state()),
      networks_(device, estimator, {.estimator = estimator.width}), data_(random_poses(stream_, batches * batch)),
      source_(stream_, arena_, clock_, data_, std::vector<float>(15, 0.3F)),
      pass_(stream_, arena_, clock_, random_, networks_, data_, source_, settings_for(estimator, batch)),
      fit_(stream_, arena_, clock_, random_, estimator, networks_.estimator, batch, estimator.dropout, {}),
      order_(device, data_.count) {
    for (Network<float>* n :
         {&networks_.augmentor, &networks_.discriminator_3d, &networks_.discriminator_2d, &networks_.estimator}) {
        n->initialise(1);
        n->set_rate(kRate);
    }
    source_.run(random_, kActiveEpoch);
    std::vector<std::int32_t> order(static_cast<std::size_t>(data_.count));
    std::iota(order.begin(), order.end(), 0);
    order_.upload(order);
}

void TrainingRig::augmentor_steps(const Progress& progress) { pass_.run(kActiveEpoch, progress); }

void TrainingRig::estimator_steps(const Progress& progress) {
    fit_.pass(data_.image, data_.joints, order_, data_.count, "the benchmark's pass", progress);
}

void TrainingRig::estimates(const Progress& progress) {
    const auto step = [&] {
        arena_.rewind();
        stream_.begin_phase("inference");
        Tape<float> tape(stream_, arena_);
        Scope<float> scope(tape, networks_.estimator, {});
        networks_.kind.forward(
            scope, tape.constant(gather<float>(tape, data_.image.data(), 32, nullptr, nullptr, batch_, batch_)));
    };
    const std::int64_t steps = data_.count / batch_;
    for (std::int64_t i = 1; i <= steps; ++i) {
        estimate_.run(stream_, step);
        if (progress) progress(i, steps);
    }
}

TrainingMemory TrainingRig::memory() {
    TrainingMemory memory;
    for (Network<float>* n :
         {&networks_.augmentor, &networks_.discriminator_3d, &networks_.discriminator_2d, &networks_.estimator}) {
        memory.parameters += static_cast<double>(n->learned() + n->statistics().size()) * sizeof(float);
        memory.moments += 2 * static_cast<double>(n->learned()) * sizeof(float);
    }
    memory.activations = static_cast<double>(arena_.most_used());
    return memory;
}

} // namespace poseaug::bench
