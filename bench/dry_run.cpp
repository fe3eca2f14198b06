#include "bench/dry_run.hpp"

#include "bench/training_rig.hpp"
#include "engine/grouped_matmul.hpp"
#include "engine/matmul.hpp"

#include <algorithm>
#include <map>
#include <optional>

namespace poseaug::bench {
namespace {

using Weighted = std::pair<const std::vector<SentCall>*, double>;

std::vector<Weighted> parts_of_iteration(const TrainingCalls& calls) {
    return {{&calls.augmentor, 1.0}, {&calls.discriminators, 0.5}, {&calls.estimator, 2.0}};
}

bool of_discriminators(const SentCall& call) { return call.phase.starts_with("discriminators"); }

void count(std::vector<CallCount>& counts, const std::string& name, const SentCall& call, double times,
           const DeviceFloor& floor) {
    auto found = std::ranges::find(counts, name, &CallCount::name);
    if (found == counts.end()) found = counts.insert(counts.end(), {name});
    found->add(call, times, floor);
}

std::vector<IterationCount::Kernel> count_kernels(const TrainingCalls& calls) {
    std::map<std::string, IterationCount::Kernel> by_name;
    for (const auto& [part, times] : parts_of_iteration(calls))
        for (const SentCall& call : *part)
            for (const Launch& launch : call.launches) {
                if (launch.threads == 0) continue; // a library's
                IterationCount::Kernel& kernel = by_name[launch.kernel];
                kernel.name = launch.kernel;
                kernel.threads = launch.threads;
                kernel.launches += times;
            }
    std::vector<IterationCount::Kernel> kernels;
    for (auto& [name, kernel] : by_name) kernels.push_back(std::move(kernel));
    std::ranges::stable_sort(kernels, std::greater{}, &IterationCount::Kernel::launches);
    return kernels;
}

/// The two queues from a fork to its join; or the main queue alone, up to the next fork.
class Section {
public:
    explicit Section(const DeviceFloor& floor) : floor_(floor) {}

    bool forked() const { return forked_; }
    void add(const SentCall& call) {
        forked_ |= call.beside;
        if (call.beside) side_ = std::max(side_, main_) + floor_.seconds(call); // a fork waits for the main queue
        else main_ += floor_.seconds(call);
        memory_ += floor_.memory_seconds(call);
        arithmetic_ += floor_.arithmetic_seconds(call);
    }
    double seconds() const { return std::max({main_, side_, memory_, arithmetic_}); }

private:
    const DeviceFloor& floor_;
    double main_ = 0, side_ = 0, memory_ = 0, arithmetic_ = 0;
    bool forked_ = false;
};

} // namespace

bool is_product(const SentCall& call) { return call.name == MatMul::name || call.name == GroupedMatMul::name; }

double DeviceFloor::arithmetic_seconds(const SentCall& call) const {
    return call.work.flops / (is_product(call) ? product_flops : other_flops);
}

double DeviceFloor::seconds(const SentCall& call) const {
    return std::max(memory_seconds(call), arithmetic_seconds(call)) +
           static_cast<double>(call.launches.size()) * launch_seconds;
}

double side_by_side_seconds(const std::vector<SentCall>& calls, const DeviceFloor& floor) {
    double before = 0;
    std::optional<Section> section(floor);
    for (const SentCall& call : calls) {
        if (call.rejoined || (call.beside && !section->forked())) {
            before += section->seconds();
            section.emplace(floor);
        }
        section->add(call);
    }
    return before + section->seconds();
}

DeviceFloor h200_floor(const std::string& precision) {
    constexpr double memory = 4.8e12, float32 = 67e12, tf32 = 495e12, bf16 = 990e12, launch = 1.5e-6;
    const double products = precision == "float32" ? float32 : precision == "tf32" ? tf32 : bf16;
    return {"H200, products in " + precision, memory, products, float32, launch};
}

void CallCount::add(const SentCall& call, double times, const DeviceFloor& floor) {
    calls += times;
    launches += times * static_cast<double>(call.launches.size());
    work += {call.work.flops * times, call.work.bytes * times};
    floor_seconds += times * floor.seconds(call);
}

TrainingCalls count_calls(const std::string& kind, const Estimator& estimator, int batch) {
    const auto device = open_dry_device(kind);
    TrainingRig rig(*device, estimator, batch, 2);
    TrainingCalls counted;
    std::vector<SentCall> calls;
    rig.stream().note_calls(&calls);
    rig.augmentor_steps([&](std::int64_t step, std::int64_t) {
        // the first of the two trains the discriminators, the second does not
        (step == 1 ? counted.both : counted.augmentor) = std::exchange(calls, {});
    });
    std::ranges::copy_if(counted.both, std::back_inserter(counted.discriminators), of_discriminators);
    rig.estimator_steps([&](std::int64_t, std::int64_t) { counted.estimator = std::exchange(calls, {}); });
    rig.estimates([&](std::int64_t, std::int64_t) { counted.inference = std::exchange(calls, {}); });
    return counted;
}

IterationCount count_iteration(const TrainingCalls& calls, const DeviceFloor& floor) {
    IterationCount result;
    result.total.name = "iteration";
    result.inference.name = "inference";
    for (const auto& [part, times] : parts_of_iteration(calls))
        for (const SentCall& call : *part) {
            count(result.phases, std::string(call.phase), call, times, floor);
            const char* direction = call.direction == Direction::value ? "" : ", backward";
            count(result.ops, std::string(call.name) + direction, call, times, floor);
            result.total.add(call, times, floor);
        }
    const auto side_by_side = [&](const std::vector<SentCall>& part) { return side_by_side_seconds(part, floor); };
    result.side_by_side_seconds =
        0.5 * (side_by_side(calls.augmentor) + side_by_side(calls.both)) + 2.0 * side_by_side(calls.estimator);
    for (const SentCall& call : calls.inference) result.inference.add(call, 1, floor);
    std::ranges::stable_sort(result.ops, std::greater{}, &CallCount::floor_seconds);
    result.kernels = count_kernels(calls);
    return result;
}

Work total_work(const std::vector<SentCall>& calls) {
    Work sum;
    for (const SentCall& call : calls) sum += call.work;
    return sum;
}

} // namespace poseaug::bench
