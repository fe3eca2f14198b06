#include "training/poseaug.hpp"

namespace poseaug {

template <class T>
PoseAugTrainer<T>::PoseAugTrainer(Stream<T>& stream, StepClock& clock, RandomDecisions<T>& random,
                                  PoseAugNetworks<T>& networks, const ResidentPoses<T>& data,
                                  const std::vector<T>& templates, const PoseAugSettings& settings,
                                  const std::vector<T>& extra_images, const DataPlacement& placement)
    : stream_(stream), random_(random), networks_(networks), data_(data), settings_(settings), arena_(stream.device()),
      swap_(stream, arena_, clock, data, templates, extra_images, placement.swapped),
      augmentor_pass_(stream, arena_, clock, random, networks, data, swap_, settings, placement.augmented),
      fit_(stream, arena_, clock, random, networks.kind, networks.estimator, settings.batch, settings.dropout,
           {.clip = settings.clip}),
      order_(stream.device(), data.count) {
    order_.zero(); // a pass may have fewer, and what lies behind them must be items too
}

template <class T> void PoseAugTrainer<T>::set_rates(int k) {
    const double factor = 1.0 - (k - 1.0) / (settings_.epochs + 1.0);
    networks_.augmentor.set_rate(settings_.rate_augmentor * factor);
    networks_.discriminator_3d.set_rate(settings_.rate_discriminator * factor);
    networks_.discriminator_2d.set_rate(settings_.rate_discriminator * factor);
    networks_.estimator.set_rate(settings_.rate_estimator * factor);
}

template <class T> EpochReport PoseAugTrainer<T>::epoch(int k, const AfterPass& after_pass, const Progress& progress) {
    set_rates(k);
    swap_.run(random_, k);
    EpochReport report{k, augmentor_pass_.run(k, progress), augmentor_pass_.kept()};
    if (k <= settings_.loss.warmup) return report;
    if (report.kept == 0)
        throw Error("training collapsed: in epoch " + std::to_string(k) +
                    " no augmented pose lies within the image; the last good checkpoint stays. Try another --seed");
    const auto pass = [&](const std::string& name, Order order, const DeviceArray<T>& image,
                          const DeviceArray<T>& joints, std::int64_t count) {
        random_.order(order, k, order_.data(), count);
        fit_.queue(image, joints, order_, count, progress);
        if (after_pass.queue) after_pass.queue();
        stream_.device().synchronize();
        report.figures["estimator_loss_" + name] = fit_.loss("epoch " + std::to_string(k) + ", the " + name + " pass");
        if (after_pass.read) after_pass.read(name);
    };
    pass("augmented", Order::augmented, augmentor_pass_.images(), augmentor_pass_.poses(), report.kept);
    pass("original", Order::original, data_.image, data_.joints, data_.count);
    return report;
}

template class PoseAugTrainer<float>;
template class PoseAugTrainer<double>;

} // namespace poseaug
