#include "engine/registry.hpp"
#include "tests/app/command_line.hpp"

#include <doctest/doctest.h>

using namespace poseaug::testing;

TEST_CASE("gradcheck: a line for every op, all passed") {
    const Samples samples;
    const std::string file = samples.path("ops.json");
    const Outcome outcome = run_poseaug({"gradcheck", "--device", "cpu", "--json", file});
    INFO(outcome.errors << outcome.output);
    CHECK(outcome.status == 0);
    const auto json = read_json(file);
    CHECK(json.at("passed") == true);
    CHECK(json.at("ops").size() == poseaug::registry().size());
    for (const auto& op : json.at("ops")) {
        CHECK(contains(outcome.output, op.at("op").get<std::string>()));
        CHECK(op.at("samples").get<int>() > 0);
        CHECK(op.at("dual_error").get<double>() <= 1e-12);
    }
}

TEST_CASE("gradcheck: one op") {
    const Outcome outcome = run_poseaug({"gradcheck", "--device", "cpu", "--op", "project"});
    CHECK(outcome.status == 0);
    CHECK(contains(outcome.output, "project"));
    CHECK_FALSE(contains(outcome.output, "tanh"));
}
