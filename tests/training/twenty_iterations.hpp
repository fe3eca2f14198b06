#pragma once
#include "tests/training/carried_decisions.hpp"
#include "tests/training/tiny.hpp"

#include <optional>

namespace poseaug::test {

/// How a training of twenty iterations is run.
struct TwentyIterations {
    const Estimator& estimator;
    std::uint64_t seed = 1;
    bool replayed = true;                  ///< steps recorded and replayed, or each run directly
    double perturbation = 0;               ///< relative change of every initial weight, up or down
    std::optional<Branches> branches = {}; ///< not as the device does by itself
};

/// All numbers a training leaves behind: parameters, statistics and moments of the four networks, the replay pools,
/// kept poses and the epochs' figures.
template <class T> using Remains = std::vector<std::vector<T>>;

/// Two epochs of ten augmentor steps, every other one with the discriminators, the last one smaller; and in the second
/// epoch, after the warm-up, the estimator on the augmented and on the original poses. Dropout and all else is drawn by
/// `Decisions` from the seed.
template <class T, class Decisions> Remains<T> run(Device& device, const TwentyIterations& how) {
    constexpr int batch = 16;
    static const TinyData data(9 * batch + 11); // of a random sequence that goes on: the same for all runs
    PoseAugSettings settings = tiny_settings();
    settings.batch = batch;
    settings.epochs = 2;
    settings.loss.warmup = 1;
    settings.dropout = how.estimator.name == "stgcn" ? 0.1 : 0.25;
    TinyTraining<T, Decisions> training(device, data, how.seed, settings, {}, how.estimator);
    training.stream.replay_steps(how.replayed);
    if (how.branches) training.stream.run_branches(*how.branches);
    for (Network<T>* network : training.all_networks()) {
        auto values = network->values().download();
        for (std::size_t i = 0; i < values.size(); ++i)
            values[i] *= static_cast<T>(1 + (i % 2 ? how.perturbation : -how.perturbation));
        network->values().upload(values);
    }
    Remains<T> all;
    for (int epoch = 1; epoch <= settings.epochs; ++epoch) {
        const EpochReport report = training.trainer.epoch(epoch);
        all.push_back({static_cast<T>(report.kept)});
        for (const auto& [name, figure] : report.figures) all.push_back({static_cast<T>(figure)});
    }
    REQUIRE(training.trainer.augmentor_pass().steps_taken() == 20);
    for (Network<T>* network : training.all_networks())
        for (DeviceArray<T>* values :
             {&network->values(), &network->statistics(), &network->first_moment(), &network->second_moment()})
            all.push_back(values->download());
    for (const int q : {0, 1}) all.push_back(training.trainer.augmentor_pass().pool(q).items().download());
    return all;
}

/// The largest difference of two trainings' numbers, relative to the largest number of each array.
template <class T> double largest_relative_difference(const Remains<T>& a, const Remains<T>& b) {
    REQUIRE(a.size() == b.size());
    double worst = 0;
    for (std::size_t k = 0; k < a.size(); ++k) {
        REQUIRE(a[k].size() == b[k].size());
        double scale = 1e-30, difference = 0;
        for (std::size_t i = 0; i < a[k].size(); ++i) {
            scale = std::max(scale, std::abs(static_cast<double>(a[k][i])));
            const double d = std::abs(static_cast<double>(a[k][i]) - static_cast<double>(b[k][i]));
            if (std::isnan(d) || d > difference) difference = d; // a NaN is kept
        }
        if (std::isnan(difference) || difference / scale > worst) worst = difference / scale;
    }
    return worst;
}

} // namespace poseaug::test
