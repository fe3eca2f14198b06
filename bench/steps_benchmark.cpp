#include "bench/dry_run.hpp"
#include "bench/suite.hpp"
#include "bench/training_rig.hpp"
#include "engine/products.hpp"
#include "engine/rounding.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <functional>
#include <map>

namespace poseaug::bench {
namespace {

constexpr int kWarmUp = 4; ///< steps before a plan is recorded: two kinds of step, each run directly and then recorded

/// Steps measured at a time, half of them with the discriminators.
int measured_steps(const Place& place) { return place.kind() == "cuda" ? 64 : 8; }

using Steps = std::function<void(TrainingRig&, const Progress&)>;

/// Seconds of the measured steps of a pass, all together.
double timed(Device& device, TrainingRig& rig, const Steps& steps) {
    double seconds = 0;
    steps(rig, [&](std::int64_t done, std::int64_t all) {
        if (done == kWarmUp) {
            device.synchronize();
            device.start_timer();
        } else if (done == all) {
            seconds = device.stop_timer();
        }
    });
    return seconds;
}

void augmentor(TrainingRig& rig, const Progress& progress) { rig.augmentor_steps(progress); }
void estimator(TrainingRig& rig, const Progress& progress) { rig.estimator_steps(progress); }
void inference(TrainingRig& rig, const Progress& progress) { rig.estimates(progress); }

/// A kind of row: the passes it times, each so many times, and its work.
struct StepKind {
    const char* name;
    std::vector<std::pair<Steps, int>> passes;
    Work (*work)(const TrainingCalls&);
};

Work scaled(const Work& work, double factor) { return {work.flops * factor, work.bytes * factor}; }

Work augmentor_work(const TrainingCalls& calls) {
    Work work = total_work(calls.augmentor);
    work += scaled(total_work(calls.discriminators), 0.5);
    return work;
}
Work estimator_work(const TrainingCalls& calls) { return total_work(calls.estimator); }
Work inference_work(const TrainingCalls& calls) { return total_work(calls.inference); }
Work iteration_work(const TrainingCalls& calls) {
    Work work = augmentor_work(calls);
    work += scaled(estimator_work(calls), 2);
    return work;
}

const std::vector<StepKind>& step_kinds() {
    static const std::vector<StepKind> kinds = {{"gan_step", {{augmentor, 1}}, augmentor_work},
                                                {"fit_step", {{estimator, 1}}, estimator_work},
                                                {"iteration", {{augmentor, 1}, {estimator, 2}}, iteration_work},
                                                {"infer", {{inference, 1}}, inference_work}};
    return kinds;
}

/// The training measured last, and what is counted of it: it serves several rows and every repetition.
struct Prepared {
    std::string key;
    std::unique_ptr<TrainingRig> rig;
    TrainingCalls calls;
};

Prepared& prepared(Place& place, const Estimator& kind, int batch) {
    static Prepared last;
    const std::string key =
        std::string(kind.name) + "/" + std::to_string(batch) + "/" + place.name() + "/" + place.precision();
    if (last.key != key) {
        last.rig.reset(); // before the next one takes memory
        last.rig = std::make_unique<TrainingRig>(place.device(), kind, batch, kWarmUp + measured_steps(place));
        last.calls = count_calls("cpu", kind, batch);
        last.key = key;
    }
    return last;
}

void run_steps(benchmark::State& state, Place& place, const Estimator& kind, int batch, const StepKind& step) {
    Prepared& training = prepared(place, kind, batch);
    while (state.KeepRunningBatch(measured_steps(place))) {
        double seconds = 0;
        for (const auto& [pass, times] : step.passes) seconds += times * timed(place.device(), *training.rig, pass);
        state.SetIterationTime(seconds);
    }
    set_counters(state, place, step.work(training.calls), batch);
}

using ProductCalls = std::vector<std::vector<Product<float>>>;

/// Seconds of the products of a pass's measured steps, by themselves: each at its own shape, from where its operands lie.
double timed_products(Device& device, TrainingRig& rig, const Steps& steps) {
    struct Noting {
        CpuProducts& products;
        ProductCalls calls{};
        ~Noting() { products.noted = nullptr; }
    } noting{*static_cast<CpuProducts*>(device.queue().blas)};
    noting.products.noted = &noting.calls;
    steps(rig, [&](std::int64_t done, std::int64_t) {
        if (done == kWarmUp) noting.calls.clear();
    });
    noting.products.noted = nullptr;
    device.start_timer();
    for (const auto& together : noting.calls) multiply(device.queue(), together);
    return device.stop_timer();
}

Work product_work(const TrainingCalls& calls) {
    const auto of = [](const std::vector<SentCall>& all) {
        Work work;
        for (const SentCall& call : all)
            if (is_product(call)) work += call.work;
        return work;
    };
    Work work = of(calls.augmentor);
    work += scaled(of(calls.discriminators), 0.5);
    work += scaled(of(calls.estimator), 2);
    return work;
}

/// The products of an iteration without all else.
void run_products(benchmark::State& state, Place& place, const Estimator& kind, int batch) {
    Prepared& training = prepared(place, kind, batch);
    while (state.KeepRunningBatch(measured_steps(place))) {
        const double of_augmentor = timed_products(place.device(), *training.rig, augmentor);
        const double of_estimator = timed_products(place.device(), *training.rig, estimator);
        state.SetIterationTime(of_augmentor + 2 * of_estimator);
    }
    set_counters(state, place, product_work(training.calls), batch);
}

std::string row_of(const char* step, const Estimator& kind, int batch, const Place& place) {
    return std::string(step) + "/" + std::string(kind.name) + "/" + std::to_string(batch) + "/" + place.name() + "/" +
           place.precision();
}

using Wanted = std::vector<std::string_view>;

void add_rows(std::vector<SuiteRow>& rows, const std::shared_ptr<Place>& place, const Estimator& kind, int batch,
              const Wanted& steps) {
    for (const StepKind& step : step_kinds())
        if (std::ranges::find(steps, step.name) != steps.end())
            rows.push_back(
                {row_of(step.name, kind, batch, *place), [place, &kind, batch, &step](benchmark::State& state) {
                     run_steps(state, *place, kind, batch, step);
                 }});
}

} // namespace

std::vector<SuiteRow> step_rows(const Places& places, int batch) {
    const Wanted all = {"gan_step", "fit_step", "iteration", "infer"};
    std::vector<SuiteRow> rows;
    for (const auto& place : places) {
        const auto one_thread = on_one_thread(*place), cudnn = with_cudnn(*place);
        for (const Estimator& kind : estimators()) {
            add_rows(rows, place, kind, batch, all);
            if (place->kind() == "cpu")
                rows.push_back(
                    {row_of("products", kind, batch, *place),
                     [place, &kind, batch](benchmark::State& state) { run_products(state, *place, kind, batch); }});
            add_rows(rows, place, kind, 1, {"infer"});
            if (one_thread) add_rows(rows, one_thread, kind, batch, {"iteration", "infer"});
            if (cudnn && kind.name == "videopose") add_rows(rows, cudnn, kind, batch, all);
        }
    }
    return rows;
}

} // namespace poseaug::bench
