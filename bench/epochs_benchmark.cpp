#include "bench/dry_run.hpp"
#include "bench/suite.hpp"
#include "bench/training_rig.hpp"
#include "training/poseaug.hpp"

#include <benchmark/benchmark.h>

#include <chrono>

namespace poseaug::bench {
namespace {

using Clock = std::chrono::steady_clock;

/// Batches of an epoch: what a GPU does in about a second, and a CPU in some.
int batches_of_epoch(const Place& place) { return place.kind() == "cuda" ? 512 : 8; }

PoseAugSettings settings_of(const Estimator& kind, int batch) {
    PoseAugSettings settings;
    settings.batch = batch;
    settings.dropout = kind.dropout;
    return settings;
}

/// A training that runs whole epochs.
class EpochRig {
public:
    EpochRig(Place& place, const Estimator& kind, int batch)
        : stream_(place.device()), clock_(place.device()), random_(place.device(), 0, clock_.state()),
          networks_(place.device(), kind, {.estimator = kind.width}),
          data_(random_poses(stream_, batches_of_epoch(place) * batch)),
          trainer_(stream_, clock_, random_, networks_, data_, std::vector<float>(15, 0.3F), settings_of(kind, batch)) {
        for (Network<float>* n :
             {&networks_.augmentor, &networks_.discriminator_3d, &networks_.discriminator_2d, &networks_.estimator})
            n->initialise(1);
    }
    /// Seconds by the host's clock, since an epoch reads the device.
    double epoch() {
        const auto begin = Clock::now();
        trainer_.epoch(kActiveEpoch);
        return std::chrono::duration<double>(Clock::now() - begin).count();
    }
    double poses() const { return static_cast<double>(data_.count); }

private:
    Stream<float> stream_;
    StepClock clock_;
    PhiloxDecisions<float> random_;
    PoseAugNetworks<float> networks_;
    ResidentPoses<float> data_;
    PoseAugTrainer<float> trainer_;
};

void run_epochs(benchmark::State& state, Place& place, const Estimator& kind, int batch) {
    EpochRig rig(place, kind, batch);
    rig.epoch();
    for (auto _ : state) state.SetIterationTime(rig.epoch());
    const TrainingCalls calls = count_calls("cpu", kind, batch);
    const Work augmentor = total_work(calls.augmentor), discriminators = total_work(calls.discriminators),
               estimator = total_work(calls.estimator);
    const double batches = batches_of_epoch(place);
    // how many augmented poses the image filter keeps varies; all are counted
    const Work work{batches * (augmentor.flops + discriminators.flops / 2 + estimator.flops * 2),
                    batches * (augmentor.bytes + discriminators.bytes / 2 + estimator.bytes * 2)};
    set_counters(state, place, work, rig.poses());
}

} // namespace

std::vector<SuiteRow> epoch_rows(const Places& places, int batch) {
    std::vector<SuiteRow> rows;
    for (const auto& place : places)
        for (const Estimator& kind : estimators())
            rows.push_back(
                {"epoch/" + std::string(kind.name) + "/" + std::to_string(batch) + "/" + place->kind() + "/" +
                     place->precision(),
                 [place, &kind, batch](benchmark::State& state) { run_epochs(state, *place, kind, batch); }});
    return rows;
}

} // namespace poseaug::bench
