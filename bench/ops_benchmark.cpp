#include "bench/op_calls.hpp"
#include "bench/suite.hpp"
#include "bench/usual_call.hpp"
#include "engine/cudnn.hpp"

#include <benchmark/benchmark.h>

namespace poseaug::bench {
namespace {

/// The op measured last, since its operands serve both directions and every repetition.
struct Prepared {
    std::string key;
    std::unique_ptr<OpCalls> calls;
};

OpCalls& prepared(Place& place, const Op& op, int batch) {
    static Prepared last;
    const std::string key = std::string(op.name) + "/" + std::to_string(batch) + "/" + place.name();
    if (last.key != key) {
        last.calls.reset(); // before the next ones take memory
        last.calls = std::make_unique<OpCalls>(place.device(), op, batch);
        last.key = key;
    }
    return *last.calls;
}

void run_op(benchmark::State& state, Place& place, const Op& op, int batch, Direction direction) {
    Device& device = place.device();
    OpCalls& calls = prepared(place, op, batch);
    Plan<float> plan = calls.record(direction);
    device.synchronize();
    while (state.KeepRunningBatch(calls.sets())) {
        device.start_timer();
        plan.replay();
        state.SetIterationTime(device.stop_timer());
    }
    set_counters(state, place, calls.work(direction), batch);
}

void add_rows(std::vector<SuiteRow>& rows, const std::shared_ptr<Place>& place, const Op& op, int batch) {
    const std::string prefix = "op/" + std::string(op.name), suffix = std::to_string(batch) + "/" + place->name();
    for (const Direction direction : {Direction::value, Direction::vjp}) {
        if (direction == Direction::vjp && (op.differentiable == 0 || op.weight)) continue;
        rows.push_back(
            {prefix + (direction == Direction::value ? "/forward/" : "/backward/") + suffix,
             [place, &op, batch, direction](benchmark::State& state) { run_op(state, *place, op, batch, direction); }});
    }
}

std::vector<SuiteRow> rows_of(const Places& places, int batch, bool (*wanted)(const Op&)) {
    std::vector<SuiteRow> rows;
    for (const auto& place : places) {
        if (place->precision() != name_of(Precision::float32)) continue;
        for (const Op& op : registry())
            if (wanted(op)) add_rows(rows, place, op, batch);
        if (const auto cudnn = with_cudnn(*place))
            for (const Op* op : {&cudnn_convolution_op(), &cudnn_batch_norm_op()})
                if (wanted(*op)) add_rows(rows, cudnn, *op, batch);
    }
    return rows;
}

} // namespace

std::vector<SuiteRow> op_rows(const Places& places, int batch) {
    return rows_of(places, batch, [](const Op&) { return true; });
}

std::vector<SuiteRow> many_pose_rows(const Places& places) { return rows_of(places, kManyPoses, is_pose_op); }

} // namespace poseaug::bench
