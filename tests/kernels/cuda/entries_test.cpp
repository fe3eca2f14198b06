#include "engine/registry.hpp"
#include "kernels/step/procedures.hpp"

#include <doctest/doctest.h>

using namespace poseaug;

TEST_CASE("a build with CUDA has all of it") {
    if (!cuda_entries("tanh").f32.value.cuda) return; // a build without
    for (const Op& op : registry()) {
        CAPTURE(op.name);
        CHECK((op.f32.value.cuda != nullptr));
        CHECK((op.f64.value.cuda != nullptr));
        CHECK(((op.f32.vjp.cuda == nullptr) == (op.f32.vjp.cpu == nullptr)));
        CHECK(((op.f64.vjp.cuda == nullptr) == (op.f64.vjp.cpu == nullptr)));
    }
    for (const Procedure* procedure : procedures()) {
        CAPTURE(procedure->name);
        CHECK((procedure->f32.cuda != nullptr));
        CHECK((procedure->f64.cuda != nullptr));
    }
}
