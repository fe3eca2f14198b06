#include "bench/place.hpp"

#include "bench/ceilings.hpp"

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

} // namespace poseaug::bench
