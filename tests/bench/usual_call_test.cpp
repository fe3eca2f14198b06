#include "bench/usual_call.hpp"

#include "bench/op_calls.hpp"
#include "bench/suite.hpp"
#include "tests/support.hpp"

#include <doctest/doctest.h>

using namespace poseaug;

TEST_CASE("every op of the registry has a usual call that it accepts, of the batch asked for") {
    for (const Op& op : registry()) {
        CAPTURE(std::string(op.name));
        const bench::UsualCall call = bench::usual_call(op, 40);
        Shape in[kMaxInputs], out[kMaxOutputs];
        REQUIRE(static_cast<int>(call.in.size()) <= op.inputs);
        for (std::size_t i = 0; i < call.in.size(); ++i) in[i] = {call.in[i].rows, call.in[i].cols};
        CHECK_NOTHROW(op.shapes(call.attributes, in, out));
        REQUIRE(static_cast<int>(call.state.size()) == op.states);
        for (const Sample::Matrix& m : call.in)
            CHECK((m.values.empty() || static_cast<std::int64_t>(m.values.size()) == std::int64_t{m.rows} * m.cols));
        if (!bench::is_pose_op(op)) continue;
        const bool side_by_side = op.name.starts_with("discriminator_loss"); // of fakes and of real poses
        CHECK(in[0].cols == (side_by_side ? 80 : 40));
    }
}

TEST_CASE("a usual call takes operands beyond the caches, and a replay repeats the call on all of them") {
    const auto device = open_device({.kind = "cpu", .threads = 1});
    const Op& op = find_op("project");
    bench::OpCalls calls(*device, op, 64);
    if (device->cache_bytes() > 0) CHECK(calls.sets() > 1);
    Plan<float> plan = calls.record(Direction::value);
    CHECK(plan.size() == static_cast<std::size_t>(calls.sets()));
    CHECK_NOTHROW(plan.replay());
    // 48 rows of the pose and 9 of the camera are read, 32 are written
    CHECK(calls.work(Direction::value).bytes == doctest::Approx(64 * (48 + 9 + 32) * 4));
}
