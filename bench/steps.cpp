#include "bench/places.hpp"
#include "kernels/pose/project.hpp"
#include "kernels/pose/sampling.hpp"
#include "training/augmentor_pass.hpp"
#include "training/batches.hpp"
#include "training/estimator_fit.hpp"

#include <benchmark/benchmark.h>

#include <chrono>
#include <numeric>

// The steps of a PoseAug training at published widths, on random poses, in an epoch whose feedback is active.

namespace poseaug::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kEpoch = 5;
constexpr int kWarmUp = 4; ///< steps before a plan is recorded: two kinds of step, each run directly and then recorded
constexpr int kMeasured = 8; ///< steps measured at a time, half of them with the discriminators

/// Pose-major random poses, the cameras that see them, and their images.
ResidentPoses<float> random_poses(Stream<float>& stream, int count) {
    const auto pose_major = [](const Sample::Matrix& m) {
        std::vector<float> values;
        for (int c = 0; c < m.cols; ++c)
            for (int r = 0; r < m.rows; ++r)
                values.push_back(static_cast<float>(m.values[static_cast<std::size_t>(r * m.cols + c)]));
        return values;
    };
    Device& device = stream.device();
    ResidentPoses<float> data(device, pose_major(sampling::poses(count)),
                              std::vector<float>(static_cast<std::size_t>(count) * 32),
                              pose_major(sampling::cameras(count)));
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

/// Everything a training of one estimator needs, and the time its steps take.
class Workshop {
public:
    Workshop(Device& device, const Estimator& estimator, int batch)
        : device_(device), batch_(batch), stream_(device), arena_(device), clock_(device),
          random_(device, 0, clock_.state()), networks_(device, estimator, {.estimator = estimator.width}),
          data_(random_poses(stream_, (kWarmUp + kMeasured) * batch)),
          source_(stream_, arena_, clock_, data_, std::vector<float>(15, 0.3F)),
          pass_(stream_, arena_, clock_, random_, networks_, data_, source_, settings()),
          fit_(stream_, arena_, clock_, random_, estimator, networks_.estimator, batch, settings().dropout, {}),
          order_(device, data_.count) {
        for (Network<float>* n :
             {&networks_.augmentor, &networks_.discriminator_3d, &networks_.discriminator_2d, &networks_.estimator}) {
            n->initialise(1);
            n->set_rate(1e-4);
        }
        source_.run(random_, kEpoch);
        std::vector<std::int32_t> order(static_cast<std::size_t>(data_.count));
        std::iota(order.begin(), order.end(), 0);
        order_.upload(order);
    }

    /// Seconds of an augmentor step: the mean of one with and one without a step of the discriminators.
    double gan_step() {
        return timed([&](const Progress& progress) { pass_.run(kEpoch, progress); });
    }
    /// Seconds of an estimator step.
    double fit_step() {
        return timed([&](const Progress& progress) {
            fit_.pass(data_.image.data(), data_.joints.data(), order_.data(), data_.count, "the benchmark's pass",
                      progress);
        });
    }
    /// Seconds of one batch through an epoch: augmentor, then the estimator on the augmented and on the original poses.
    double iteration() { return gan_step() + 2 * fit_step(); }
    /// Seconds of an estimate of one batch.
    double infer() {
        const auto step = [&] {
            arena_.rewind();
            Tape<float> tape(stream_, arena_);
            Scope<float> scope(tape, networks_.estimator, {});
            networks_.kind.forward(
                scope, tape.constant(gather<float>(tape, data_.image.data(), 32, nullptr, nullptr, batch_, batch_)));
        };
        return timed([&](const Progress& progress) {
            for (int i = 1; i <= kWarmUp + kMeasured; ++i) {
                estimate_.run(stream_, step);
                progress(i, kWarmUp + kMeasured);
            }
        });
    }

private:
    PoseAugSettings settings() const {
        PoseAugSettings s;
        s.batch = batch_;
        return s;
    }
    /// Runs a pass of kWarmUp + kMeasured steps; the mean of the measured ones.
    template <class F> double timed(const F& pass) {
        Clock::time_point begin, end;
        pass([&](std::int64_t done, std::int64_t steps) {
            if (done != kWarmUp && done != steps) return;
            device_.synchronize();
            (done == kWarmUp ? begin : end) = Clock::now();
        });
        return std::chrono::duration<double>(end - begin).count() / kMeasured;
    }

    Device& device_;
    int batch_;
    Stream<float> stream_;
    Arena arena_;
    StepClock clock_;
    PhiloxDecisions<float> random_;
    PoseAugNetworks<float> networks_;
    ResidentPoses<float> data_;
    BoneSwap<float> source_;
    AugmentorPass<float> pass_;
    EstimatorFit<float> fit_;
    DeviceArray<std::int32_t> order_;
    RepeatedStep<float> estimate_;
};

void run_steps(benchmark::State& state, Place& place, const Estimator& estimator, double (Workshop::*measure)()) {
    Workshop workshop(place.device(), estimator, kBatch);
    for (auto _ : state) state.SetIterationTime((workshop.*measure)());
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * kBatch);
}

} // namespace

void register_steps(const std::vector<std::shared_ptr<Place>>& places) {
    const std::pair<const char*, double (Workshop::*)()> steps[] = {{"gan_step", &Workshop::gan_step},
                                                                    {"fit_step", &Workshop::fit_step},
                                                                    {"iteration", &Workshop::iteration},
                                                                    {"infer", &Workshop::infer}};
    for (const auto& place : places)
        for (const Estimator& estimator : estimators())
            for (const auto& [kind, measure] : steps) {
                const std::string name = std::string(kind) + "/" + std::string(estimator.name) + "/" +
                                         std::to_string(kBatch) + "/" + place->kind() + "/" + place->precision();
                benchmark::RegisterBenchmark(name.c_str(),
                                             [place, &estimator, measure = measure](benchmark::State& state) {
                                                 run_steps(state, *place, estimator, measure);
                                             })
                    ->UseManualTime()
                    ->Unit(benchmark::kMillisecond);
            }
}

} // namespace poseaug::bench
