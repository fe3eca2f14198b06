#include "bench/op_calls.hpp"
#include "bench/scalar_ops.hpp"
#include "bench/suite.hpp"
#include "bench/usual_call.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>

namespace poseaug::bench {
namespace {

void run_one_core(benchmark::State& state, Place& place, const Op& op, int batch, Direction direction) {
    OpCalls calls(place.device(), op, batch, 1);
    Plan<float> plan = calls.record(direction);
    for (auto _ : state) {
        place.device().start_timer();
        plan.replay();
        state.SetIterationTime(place.device().stop_timer());
    }
    set_counters(state, place, calls.work(direction), batch);
}

} // namespace

std::vector<SuiteRow> one_core_rows(const Places& places, int batch) {
    std::vector<SuiteRow> rows;
    if (std::ranges::none_of(places, [](const auto& place) { return place->kind() == "cpu"; })) return rows;
    const auto core = std::make_shared<Place>(DeviceOptions{"cpu", 1});
    for (const Op& op : registry()) {
        const std::optional<Op> scalar = scalar_op(op);
        if (!scalar) continue;
        for (const Direction direction : {Direction::value, Direction::vjp}) {
            if (!scalar->f32.of(direction).cpu) continue; // a loss does both at once
            const std::string name = "one_core/" + std::string(op.name) +
                                     (direction == Direction::value ? "/forward/" : "/backward/") +
                                     std::to_string(batch);
            const auto add = [&](const char* kind, const Op& which) {
                rows.push_back({name + kind, [core, which, batch, direction](benchmark::State& state) {
                                    run_one_core(state, *core, which, batch, direction);
                                }});
            };
            add("/packs", op);
            add("/scalar", *scalar);
        }
    }
    return rows;
}

} // namespace poseaug::bench
