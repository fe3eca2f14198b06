#include "kernels/step/procedures.hpp"
#include "tests/workbench.hpp"

using namespace poseaug;
using test::Workbench;

TEST_CASE("the end of a step sums rows, notes the first batch that was not finite for each, and counts on") {
    for (const auto& device : test::devices()) {
        Workbench<double> bench(*device);
        DeviceArray<double> sums(*device, std::vector<double>(kMaxFigures));
        DeviceArray<std::int32_t> first_bad(*device, std::vector<std::int32_t>(kMaxFigures, -1));
        DeviceArray<StepState> state(*device, {StepState{100, 0, 0}});
        Call<double> call;
        call.attributes = Attributes::of(EndStep{sums.data(), first_bad.data(), state.data()});
        for (int batch = 0; batch < 4; ++batch) {
            call.in[0] = bench.put(2, 2, {batch + 0.5, 0, 1, 2});
            call.in[2] = bench.filled(1, 1, batch >= 2 ? INFINITY : 1);
            bench.stream.run(end_step_procedure(), call);
            device->synchronize();
        }
        CHECK(sums.download(4) == std::vector<double>{8, 12, INFINITY, 0});
        CHECK(first_bad.download(4) == std::vector<std::int32_t>{-1, -1, 2, -1});
        CHECK(state.download()[0].counter == 104);
        CHECK(state.download()[0].batch == 4);
    }
}
