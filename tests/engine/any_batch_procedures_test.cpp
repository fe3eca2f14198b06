#include "engine/arena.hpp"
#include "kernels/step/procedures.hpp"
#include "tests/workbench.hpp"

#include <algorithm>
#include <numeric>

// Every procedure of a step on every device, at batches about the widths of warps and blocks, against the CPU on one
// thread. What only moves numbers or decides must give the same bits.

using namespace poseaug;
using test::Workbench;

namespace {

using Results = std::vector<std::vector<double>>;

template <class T> std::vector<double> read(const DeviceArray<T>& array) {
    const auto values = array.download();
    return {values.begin(), values.end()};
}

/// Runs one procedure at a batch; all that it wrote.
template <class T> struct Trial {
    std::string_view procedure;
    double tolerance; ///< relative to 1; 0: the same bits
    Results (*run)(Device& device, int batch);
};

template <class T> Call<T> call_of(const Attributes& attributes) {
    Call<T> call;
    call.attributes = attributes;
    return call;
}

template <class T> Results gathered_and_scattered(Device& device, int batch) {
    constexpr int rows = 48;
    Workbench<T> bench(device);
    const int items = 2 * batch;
    std::vector<T> data(static_cast<std::size_t>(items * rows));
    for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<T>(std::sin(static_cast<double>(i)));
    std::vector<std::int32_t> order(static_cast<std::size_t>(items));
    std::iota(order.begin(), order.end(), 0);
    std::shuffle(order.begin(), order.end(), std::mt19937(5));
    const DeviceArray<T> from(device, data);
    DeviceArray<T> to(device, std::vector<T>(data.size()));
    const DeviceArray<std::int32_t> ordered(device, order);
    const DeviceArray<StepState> state(device, {StepState{0, 1, 0}});
    auto gather = call_of<T>(Attributes::of(Gather{from.data(), ordered.data(), state.data(), batch}));
    gather.out[0] = bench.filled(rows, batch, 0);
    bench.stream.run(gather_procedure(), gather);
    auto scatter = call_of<T>(Attributes::of(Scatter{to.data(), state.data(), batch}));
    scatter.in[0] = gather.out[0];
    bench.stream.run(scatter_procedure(), scatter);
    return {bench.get(gather.out[0]), read(to)};
}

/// Two batches ahead of the first, of which the last is not whole.
template <class T> Results fetched(Device& device, int batch) {
    constexpr int rows = 48;
    Workbench<T> bench(device);
    const int items = 2 * batch + (batch + 1) / 2;
    std::vector<T> data(static_cast<std::size_t>(items * rows));
    for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<T>(std::sin(static_cast<double>(i)));
    std::vector<std::int32_t> order(static_cast<std::size_t>(items));
    std::iota(order.rbegin(), order.rend(), 0);
    const DeviceArray<T> from(device, data, Memory::host);
    const DeviceArray<std::int32_t> ordered(device, order);
    const DeviceArray<StepState> state(device, {StepState{0, 0, 0}});
    Results all;
    for (const int ahead : {1, 2, 3}) {
        const DeviceArray<T> to(device, std::vector<T>(static_cast<std::size_t>(batch * rows), T(-7)));
        auto fetch = call_of<T>(Attributes::of(Fetch{from.data(), ordered.data(), state.data(), batch, items, ahead}));
        fetch.out[0] = {to.data(), batch, rows, rows};
        bench.stream.run(fetch_procedure(), fetch);
        all.push_back(read(to));
    }
    return all;
}

template <class T> Results errors_summed(Device& device, int batch) {
    Workbench<T> bench(device);
    const auto pose_major = [&](int rows, double scale) {
        std::vector<T> values(static_cast<std::size_t>(batch * rows));
        for (std::size_t i = 0; i < values.size(); ++i)
            values[i] = static_cast<T>(scale * std::sin(static_cast<double>(i * i % 1013)));
        return DeviceArray<T>(device, values);
    };
    const auto errors = pose_major(35, 90), estimates = pose_major(48, 1), truth = pose_major(48, 0.7);
    const DeviceArray<PoseRun> runs(device, {{0, batch, 1}, {batch / 2, batch - batch / 2, batch / 2 > 0 ? 0 : 1}});
    const DeviceArray<double> sums(device, std::vector<double>(2 * 36, -7));
    auto sum = call_of<T>(Attributes::of(SumErrors{runs.data(), sums.data(), 2}));
    sum.in[0] = {errors.data(), batch, 35, 35};
    sum.in[1] = {estimates.data(), batch, 48, 48};
    sum.in[2] = {truth.data(), batch, 48, 48};
    bench.stream.run(sum_errors_procedure(), sum);
    return {read(sums)};
}

template <class T> Results drawn(Device& device, int batch) {
    Workbench<T> bench(device);
    const DeviceArray<StepState> state(device, {StepState{41, 2, 0}});
    auto normal = call_of<T>(Attributes::of(NormalDraws{{9, state.data(), 4}}));
    normal.out[0] = bench.filled(45, batch, 0);
    bench.stream.run(normal_draws_procedure(), normal);
    return {bench.get(normal.out[0])};
}

template <class T> Results pool_draws(Device& device, int batch) {
    Workbench<T> bench(device);
    const DeviceArray<StepState> state(device, {StepState{41, 2, 0}});
    auto pool = call_of<T>(Attributes::of(PoolDraws{{9, state.data(), 4}, 4096}));
    pool.out[0] = bench.filled(2, batch, 0);
    bench.stream.run(pool_draws_procedure(), pool);
    return {bench.get(pool.out[0])};
}

/// Three batches through a pool that fills up within the second.
template <class T> Results traded(Device& device, int batch) {
    constexpr int rows = 48;
    const int capacity = batch + (batch + 1) / 2;
    Workbench<T> bench(device);
    DeviceArray<T> items(device, std::vector<T>(static_cast<std::size_t>(capacity * rows), T(-7)));
    DeviceArray<std::int32_t> filled(device, std::vector<std::int32_t>(1));
    Results all;
    for (unsigned turn = 0; turn < 3; ++turn) {
        auto draws = call_of<T>(Attributes::of(PoolDraws{{3, nullptr, turn}, capacity}));
        draws.out[0] = bench.filled(2, batch, 0);
        bench.stream.run(pool_draws_procedure(), draws);
        auto exchange = call_of<T>(Attributes::of(ReplayPool{items.data(), filled.data(), capacity}));
        exchange.in[0] = bench.normal(rows, batch, turn);
        exchange.in[1] = draws.out[0];
        exchange.out[0] = bench.filled(rows, batch, 0);
        bench.stream.run(replay_pool_procedure(), exchange);
        all.push_back(bench.get(exchange.out[0]));
    }
    all.push_back(read(items));
    all.push_back(read(filled));
    return all;
}

template <class T> Results kept(Device& device, int batch) {
    Workbench<T> bench(device);
    const auto room = 2 * static_cast<std::size_t>(batch);
    DeviceArray<T> images(device, std::vector<T>(room * 32)), poses(device, std::vector<T>(room * 48));
    DeviceArray<std::int32_t> count(device, std::vector<std::int32_t>(1));
    auto append = call_of<T>(Attributes::of(AppendKept{images.data(), poses.data(), count.data(), 1}));
    append.scratch = bench.filled(1, kAppendScratch, 0).data;
    for (const unsigned turn : {1U, 2U}) {
        append.in[0] = bench.normal(32, batch, turn, 0.45);
        append.in[1] = bench.normal(48, batch, turn + 2);
        bench.stream.run(append_kept_procedure(), append);
    }
    return {read(images), read(poses), read(count)};
}

/// As many parameters as several chunks of the norm and a batch.
template <class T> Results stepped(Device& device, int batch) {
    const int n = 2 * kNormChunk + batch;
    Workbench<T> bench(device);
    DeviceArray<AdamState> state(device, {AdamState{0, 0.01}});
    auto adam = call_of<T>(Attributes::of(Adam{.state = state.data(), .decay = 0.9, .decay_steps = 2}));
    adam.in[0] = bench.normal(1, n, 1);
    for (unsigned k = 0; k < 2; ++k) adam.state[k] = bench.normal(1, n, 2 + k);
    adam.state[2] = bench.filled(1, n, 0.5);
    adam.scratch = bench.filled(1, static_cast<int>(adam_scratch(n)), 0).data;
    for (int step = 0; step < 3; ++step) bench.stream.run(adam_procedure(), adam);
    return {bench.get(adam.state[0]),
            bench.get(adam.state[1]),
            bench.get(adam.state[2]),
            {static_cast<double>(state.download()[0].step)}};
}

/// Steps of figures, as many as a loss of so many poses has runs, in which one is not finite at last.
template <class T> Results ended(Device& device, int batch) {
    Workbench<T> bench(device);
    const DeviceArray<StepState> state(device, {StepState{7, 0, 0}});
    const DeviceArray<double> sums(device, std::vector<double>(kMaxFigures));
    const DeviceArray<std::int32_t> first_bad(device, std::vector<std::int32_t>(kMaxFigures, -1));
    auto end = call_of<T>(Attributes::of(EndStep{sums.data(), first_bad.data(), state.data()}));
    const auto finite = bench.normal(2, batch, 1), infinite = bench.filled(2, batch, HUGE_VAL);
    end.in[0] = finite;
    for (int step = 0; step < 4; ++step) {
        end.in[2] = step < 3 ? finite : infinite;
        bench.stream.run(end_step_procedure(), end);
    }
    const StepState after = state.download()[0];
    return {{sums.download()[0], sums.download()[1]},
            read(first_bad),
            {static_cast<double>(after.counter), static_cast<double>(after.batch)}};
}

template <class T> Results filled(Device& device, int batch) {
    Workbench<T> bench(device);
    auto fill = call_of<T>(Attributes::of(Fill{2.5}));
    fill.out[0] = bench.filled(3, batch, 0);
    bench.stream.run(fill_procedure(), fill);
    return {bench.get(fill.out[0])};
}

/// The larger of both sides' largest difference and of a difference in size.
double difference(const Results& found, const Results& expected) {
    REQUIRE(found.size() == expected.size());
    double worst = 0;
    for (std::size_t k = 0; k < found.size(); ++k) {
        const double d = test::largest_difference(found[k], expected[k]);
        if (std::isnan(d) || d > worst) worst = d; // a NaN is kept
    }
    return worst;
}

} // namespace

TEST_CASE_TEMPLATE("on every device every procedure computes at any batch what the CPU does", T, float, double) {
    constexpr double rounding = std::is_same_v<T, float> ? 1e-5 : 1e-12;
    const Trial<T> trials[] = {{"gather, scatter", 0, gathered_and_scattered<T>},
                               {"normal_draws", 1e-5, drawn<T>},
                               {"pool_draws", 0, pool_draws<T>},
                               {"replay_pool", 0, traded<T>},
                               {"append_kept", 0, kept<T>},
                               {"adam", rounding, stepped<T>},
                               {"end_step", 1e-9, ended<T>},
                               {"fetch", 0, fetched<T>},
                               {"sum_errors", 1e-10, errors_summed<T>},
                               {"fill", 0, filled<T>}};
    std::string tried;
    for (const auto& trial : trials) tried += std::string(trial.procedure) + ", ";
    for (const Procedure* procedure : procedures())
        CHECK_MESSAGE(test::contains(tried, std::string(procedure->name) + ","), std::string(procedure->name));
    const auto reference = open_device({.kind = "cpu", .threads = 1});
    for (const auto& device : test::devices())
        for (const auto& trial : trials)
            for (const int batch : {1, 31, 33, 1024, 1025}) {
                const double worst = difference(trial.run(*device, batch), trial.run(*reference, batch));
                CHECK_MESSAGE(worst <= trial.tolerance, std::string(trial.procedure), ", batch ", batch, " on ",
                              device->name(), " is off by ", worst);
            }
}
