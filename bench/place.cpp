#include "bench/place.hpp"

#include "bench/ceilings.hpp"
#include "engine/cudnn.hpp"

#include <thread>

namespace poseaug::bench {

Device& Place::device() {
    if (!device_) device_ = open_device(options_);
    return *device_;
}

void Place::measure_ceilings() {
    copy_bandwidth_ = std::max(copy_bandwidth_, measure_copy_bandwidth(device()));
    product_rate_ = std::max(product_rate_, measure_product_rate(device()));
}

double Place::copy_bandwidth() {
    if (copy_bandwidth_ == 0) measure_ceilings();
    return copy_bandwidth_;
}

double Place::product_rate() {
    if (product_rate_ == 0) measure_ceilings();
    return product_rate_;
}

std::vector<std::shared_ptr<Place>> all_places(int threads) {
    std::vector<std::shared_ptr<Place>> all = {std::make_shared<Place>(DeviceOptions{"cpu", threads})};
    if (!why_no_cuda())
        for (const Precision precision : {Precision::float32, Precision::tf32, Precision::bf16})
            all.push_back(std::make_shared<Place>(DeviceOptions{"cuda", threads, precision}));
    return all;
}

std::shared_ptr<Place> on_one_thread(const Place& place) {
    DeviceOptions options = place.options();
    const bool is_one = options.threads == 1 || (options.threads == 0 && std::thread::hardware_concurrency() <= 1);
    if (place.kind() != "cpu" || place.is_variant() || is_one) return nullptr;
    options.threads = 1;
    return std::make_shared<Place>(options, "1_thread");
}

std::shared_ptr<Place> with_cudnn(const Place& place) {
    if (place.kind() != "cuda" || place.is_variant() || why_no_cudnn()) return nullptr;
    DeviceOptions options = place.options();
    options.convolution = Convolution::cudnn;
    return std::make_shared<Place>(options, "cudnn");
}

} // namespace poseaug::bench
