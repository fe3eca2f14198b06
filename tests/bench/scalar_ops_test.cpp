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
    int compared = 0;
    for (const Op& op : registry()) {
        INFO(op.name);
        const std::optional<Op> scalar = bench::scalar_op(op);
        if (!scalar) continue;
        ++compared;
        CHECK(bench::is_pose_op(op));
        CHECK((scalar->f32.value.cpu != op.f32.value.cpu));
        CHECK((scalar->f32.vjp.cpu != nullptr) == (op.differentiable != 0));
        // compares float entries, these loops, with double ones, which are packs
        for (const GradcheckResult& result : gradcheck(*scalar, queue))
            CHECK_MESSAGE(result.passed, result.sample << ": " << result.note);
    }
    CHECK(compared > 15);
}
