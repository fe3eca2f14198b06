#include "training/term_log.hpp"

#include "engine/steps.hpp"
#include "tests/workbench.hpp"

using namespace poseaug;
using test::Workbench;

namespace {
std::map<std::string, double> read(TermLog& log, Device& device, const std::string& pass) {
    log.queue_read();
    device.synchronize();
    return log.figures(pass);
}
} // namespace

TEST_CASE("a term log sums the rows of its losses, and starts anew after a reset") {
    for (const auto& device : test::devices()) {
        Workbench<double> bench(*device);
        StepClock clock(*device);
        std::vector<std::string> names;
        for (int i = 0; i < 11; ++i) names.push_back("term" + std::to_string(i));
        TermLog log(*device, names, clock.state());
        for (int pass = 0; pass < 2; ++pass) {
            log.reset();
            clock.begin_pass();
            for (int step = 0; step < 3; ++step) {
                std::vector<View<double>> losses;
                for (int i = 0; i < 5; ++i) { // of two rows and three runs
                    const double figure = i * step;
                    losses.push_back(bench.put(2, 3, {figure, figure, figure, 1, 1, -1}));
                }
                log.end_step(bench.stream, losses);
            }
            const auto sums = read(log, *device, "a pass");
            for (int i = 0; i < 5; ++i) {
                CHECK(sums.at("term" + std::to_string(2 * i)) == 3 * 3 * i);
                CHECK(sums.at("term" + std::to_string(2 * i + 1)) == 3);
            }
            CHECK(sums.at("term10") == 0);
            std::vector<StepState> state(1);
            device->download(state.data(), clock.state(), sizeof(StepState));
            CHECK(state[0].batch == 3);
        }
    }
}

TEST_CASE("a term log names the term that was not finite first, with its step and its pass") {
    for (const auto& device : test::devices()) {
        Workbench<float> bench(*device);
        StepClock clock(*device);
        TermLog log(*device, {"late", "good", "bad"}, clock.state());
        clock.begin_pass();
        for (int step = 0; step < 4; ++step) {
            const auto until = [&](int last) { return bench.filled(1, 1, step < last ? 1 : NAN); };
            log.end_step<float>(bench.stream, {until(3), until(4), until(2)});
        }
        CHECK(test::contains(test::error_of([&] { read(log, *device, "the second pass"); }),
                             "bad is not finite in step 3 of the second pass"));
        log.reset();
        CHECK(read(log, *device, "the second pass").at("bad") == 0);
    }
}

TEST_CASE("a term log refuses more figures than it has names or room for") {
    const auto device = open_device({.kind = "cpu", .threads = 1});
    Workbench<float> bench(*device);
    StepClock clock(*device);
    TermLog log(*device, {"a", "b"}, clock.state());
    CHECK(test::contains(test::error_of([&] { log.end_step<float>(bench.stream, {bench.filled(3, 1, 0)}); }),
                         "1 losses with 3 figures, where the log has 2 names"));
    CHECK(test::contains(test::error_of([&] { TermLog(*device, std::vector<std::string>(17), clock.state()); }),
                         "a log of 17 figures"));
}
