#include "training/batches.hpp"

#include "tests/workbench.hpp"

using namespace poseaug;

namespace {

/// How often passes over so many columns, in batches of 4, went through the code of a step rather than a recording.
int times_run(const std::vector<int>& passes) {
    const auto device = open_device({.kind = "cpu", .threads = 1});
    Stream<float> stream(*device);
    StepClock clock(*device);
    BatchSteps<float> steps;
    int run = 0;
    for (const int count : passes)
        for (int i = 0; i < batch_count(count, 4); ++i)
            steps.run(stream, batch_columns(count, 4, i), 4, [&] {
                ++run;
                clock.advance(stream);
            });
    return run;
}

} // namespace

TEST_CASE("whole batches and a last one that repeats are run directly, then recorded, then replayed") {
    CHECK(times_run({4}) == 1);
    CHECK(times_run({8}) == 2);
    CHECK(times_run({400}) == 2);
    CHECK(times_run({402}) == 2 + 1);
    CHECK(times_run({402, 402, 402, 402}) == 2 + 2);
    CHECK(times_run({401, 402, 403, 401}) == 2 + 4); // a last batch that changes size is run directly every time
    CHECK(times_run({402, 402, 402, 401, 402}) == 2 + 2 + 2);
}
