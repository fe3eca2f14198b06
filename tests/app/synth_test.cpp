#include "tests/app/command_line.hpp"

#include <doctest/doctest.h>

using namespace poseaug::testing;

namespace {
const std::vector<std::string> kFiles = {"data_3d_h36m.npz", "data_2d_h36m_gt.npz", "data_2d_h36m_noisy.npz",
                                         "test_3dhp.npz"};
} // namespace

TEST_CASE("synth: four files, the same bytes for the same seed") {
    const Samples samples;
    const auto make = [&](const std::string& name, const std::string& seed) {
        const Outcome outcome = run_poseaug({"synth", "--out", samples.path(name), "--poses", "280", "--seed", seed});
        INFO(outcome.errors);
        CHECK(outcome.status == 0);
        CHECK(contains(outcome.output, "280 poses"));
        std::string bytes;
        for (const std::string& file : kFiles) bytes += read_file(samples.path(name) + "/" + file);
        return bytes;
    };
    const std::string first = make("a", "3");
    CHECK(first.size() > 10'000);
    CHECK(make("b", "3") == first);
    CHECK(make("c", "4") != first);
}

TEST_CASE("synth: what cannot be done says so and leaves nothing behind") {
    const Samples samples;
    const Outcome few = run_poseaug({"synth", "--out", samples.path("few"), "--poses", "5"});
    CHECK(few.status == 1);
    CHECK(few.says("too few"));
    const Outcome full = run_poseaug({"synth", "--out", samples.path("full"), "--poses", "20000"}, "ulimit -f 64;");
    INFO(full.errors);
    CHECK(full.status == 1);
    CHECK(full.says("cannot be written"));
    CHECK(samples.files() == 0);
    write_file(samples.path("file"), "x");
    const Outcome blocked = run_poseaug({"synth", "--out", samples.path("file"), "--poses", "280"});
    CHECK(blocked.status == 1);
    CHECK(read_file(samples.path("file")) == "x");
    CHECK(samples.files() == 1);
}
