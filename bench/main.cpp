#include "bench/places.hpp"

#include <benchmark/benchmark.h>

#include <cstdlib>

// poseaug_bench: op/<name>/<forward|backward>/<batch>/<device> and
// <gan_step|fit_step|iteration|infer>/<model>/<batch>/<device>/<precision>.

namespace poseaug::bench {

Device& Place::device() {
    if (!device_) {
        const char* threads = std::getenv("POSEAUG_THREADS");
        device_ = open_device({.kind = kind_, .threads = threads ? std::atoi(threads) : 0, .precision = precision_});
    }
    return *device_;
}

std::string Place::precision() const {
    const char* names[] = {"float32", "tf32", "bf16"};
    return names[static_cast<int>(precision_)];
}

std::vector<std::shared_ptr<Place>> places() {
    std::vector<std::shared_ptr<Place>> all = {std::make_shared<Place>("cpu", Precision::float32)};
    if (!why_no_cuda())
        for (const Precision p : {Precision::float32, Precision::tf32, Precision::bf16})
            all.push_back(std::make_shared<Place>("cuda", p));
    return all;
}

} // namespace poseaug::bench

int main(int argc, char** argv) {
    const auto places = poseaug::bench::places();
    poseaug::bench::register_ops(places);
    poseaug::bench::register_steps(places);
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
    benchmark::AddCustomContext("poseaug device", places.back()->device().name());
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    return 0;
}
