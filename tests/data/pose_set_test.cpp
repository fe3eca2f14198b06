#include "data/pose_set.hpp"

#include <doctest/doctest.h>

using namespace poseaug;

TEST_CASE("the action of a clip is the first word of its name") {
    CHECK(action_of("Walking") == "Walking");
    CHECK(action_of("Walking 1") == "Walking");
    CHECK(action_of("WalkTogether 2 b") == "WalkTogether");
    CHECK(action_of(" Photo") == "Photo");
    CHECK(action_of("") == "");
    CHECK(action_of("  ") == "");
}

TEST_CASE("the size of a pose set counts poses") {
    PoseSet set;
    CHECK(set.size() == 0);
    set.joints.resize(3 * 16 * 3);
    CHECK(set.size() == 3);
}
