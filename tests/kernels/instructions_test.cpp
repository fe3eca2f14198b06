#include "kernels/instructions.hpp"

#include "kernels/column_driver.hpp"
#include "kernels/pose/op_list.hpp"
#include "kernels/registry.hpp"
#include "kernels/step/procedures.hpp"
#include "tests/workbench.hpp"

#include <algorithm>

using namespace poseaug;
using test::contains;
using test::error_of;

namespace {

std::vector<CpuEntries> entries_of(const Instructions& variant) {
    std::vector<CpuEntries> entries;
    variant.list(entries);
    return entries;
}

CpuEntries entries_of(const Instructions& variant, std::string_view name) {
    const std::vector<CpuEntries> entries = entries_of(variant);
    const auto found = std::ranges::find(entries, name, &CpuEntries::name);
    return found == entries.end() ? CpuEntries{} : *found;
}

template <class T> void check_same_set(const Entries<T>& found, const Entries<T>& expected) {
    CHECK((found.value.cpu != nullptr) == (expected.value.cpu != nullptr));
    CHECK((found.vjp.cpu != nullptr) == (expected.vjp.cpu != nullptr));
}

} // namespace

TEST_CASE("instructions: the best is taken, or what is asked for, or nothing") {
    const std::vector<Instructions> all = {{"portable", "SSE2"}, {"avx2", "AVX2"}};
    CHECK(find_instructions(all, nullptr).name == "avx2");
    CHECK(find_instructions(all, "").name == "avx2");
    CHECK(find_instructions(all, "portable").title == "SSE2");
    const std::string error = error_of([&] { find_instructions(all, "avx512"); });
    CHECK(contains(error, "POSEAUG_INSTRUCTIONS is 'avx512'"));
    CHECK(contains(error, "can do portable, avx2"));
}

TEST_CASE("instructions: every variant has all ops and procedures, in code of its own") {
    const CpuEntries own = column_entries<UnitBones>();
    std::vector<Run<float>> runs = {own.f32.value.cpu};
    for (const Instructions& variant : runnable_variants()) {
        INFO(variant.name);
        for (const Op& op : kernel_ops()) {
            INFO(op.name);
            check_same_set(entries_of(variant, op.name).f32, op.f32);
            check_same_set(entries_of(variant, op.name).f64, op.f64);
        }
        for (const Procedure* procedure : procedures()) {
            INFO(procedure->name);
            CHECK((entries_of(variant, procedure->name).f32.value.cpu != nullptr));
            CHECK((entries_of(variant, procedure->name).f64.value.cpu != nullptr));
        }
        const Run<float> run = entries_of(variant, UnitBones::name).f32.value.cpu;
        CHECK(std::ranges::count(runs, run) == 0);
        runs.push_back(run);
    }
}

TEST_CASE("instructions: ops and procedures run in the chosen ones") {
    const Instructions& chosen = chosen_instructions();
    const bool own = chosen.list == nullptr;
    const CpuEntries bones = own ? column_entries<UnitBones>() : entries_of(chosen, UnitBones::name);
    const std::vector<Op> ops = kernel_ops();
    const auto op = std::ranges::find(ops, UnitBones::name, &Op::name);
    REQUIRE(op != ops.end());
    CHECK((op->f32.value.cpu == bones.f32.value.cpu));
    CHECK((op->f64.vjp.cpu == bones.f64.vjp.cpu));
    if (!own) CHECK((adam_procedure().f32.cpu == entries_of(chosen, Adam::name).f32.value.cpu));
}

TEST_CASE("instructions: an error in a variant is caught like any other") {
    ThreadPool pool(2);
    Queue queue;
    queue.pool = &pool;
    std::vector<float> narrow(48, 1.0F);
    Call<float> call;
    call.in[0] = View<const float>{narrow.data(), 48, 1, 1}; // rows without padding
    CHECK(contains(error_of([&] { column_entries<UnitBones>().f32.value.cpu(queue, call); }), "not padded"));
    for (const Instructions& variant : runnable_variants())
        CHECK(
            contains(error_of([&] { entries_of(variant, UnitBones::name).f32.value.cpu(queue, call); }), "not padded"));
}
