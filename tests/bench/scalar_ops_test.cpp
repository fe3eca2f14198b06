#include "bench/scalar_ops.hpp"

#include "bench/usual_call.hpp"
#include "engine/gradcheck.hpp"
#include "engine/registry.hpp"

#include <doctest/doctest.h>

using namespace poseaug;

TEST_CASE("the plain loops that packs are measured against compute the same") {
    ThreadPool pool(1);
    Queue queue;
    queue.pool = &pool;
    int compared = 0, pose_ops = 0;
    for (const Op& op : registry()) {
        INFO(op.name);
        const std::optional<Op> scalar = bench::scalar_op(op);
        pose_ops += bench::is_pose_op(op) ? 1 : 0;
        if (!scalar) continue;
        ++compared;
        CHECK(bench::is_pose_op(op));
        CHECK((scalar->f32.value.cpu != op.f32.value.cpu));
        CHECK((scalar->f32.vjp.cpu != nullptr) == (op.f32.vjp.cpu != nullptr));
        // compares float entries, these loops, with double ones, which are packs
        for (const GradcheckResult& result : gradcheck(*scalar, queue))
            CHECK_MESSAGE(result.passed, result.sample << ": " << result.note);
    }
    CHECK(compared == pose_ops);
    CHECK(compared > 20);
}
