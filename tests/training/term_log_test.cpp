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

TEST_CASE("a term log sums its terms, more than a call takes, and starts anew after a reset") {
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
                Tape<double> tape(bench.stream, bench.arena);
                std::vector<Var> terms;
                for (int i = 0; i < 10; ++i) terms.push_back(tape.constant(bench.filled(1, 1, i * step)));
                log.accumulate(tape, 1, terms);
                clock.advance(bench.stream);
            }
            const auto sums = read(log, *device, "a pass");
            CHECK(sums.at("term0") == 0);
            for (int i = 0; i < 10; ++i) CHECK(sums.at("term" + std::to_string(i + 1)) == 3 * i);
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
            Tape<float> tape(bench.stream, bench.arena);
            const auto until = [&](int last) { return tape.constant(bench.filled(1, 1, step < last ? 1 : NAN)); };
            log.accumulate(tape, 0, {until(3), until(4), until(2)});
            clock.advance(bench.stream);
        }
        CHECK(test::contains(test::error_of([&] { read(log, *device, "the second pass"); }),
                             "bad is not finite in step 3 of the second pass"));
        log.reset();
        CHECK(read(log, *device, "the second pass").at("bad") == 0);
    }
}
