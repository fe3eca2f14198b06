#include "tests/workbench.hpp"

using namespace poseaug;

TEST_CASE("a difference that is no number is not lost among those that are") {
    CHECK(test::largest_difference({1, 2, 3}, {1, 4, 2.5}) == 2);
    for (const std::size_t at : {0, 1, 2}) {
        std::vector<double> values = {1, 2, 3};
        values[at] = NAN;
        CHECK(std::isnan(test::largest_difference(values, {1, 2, 3})));
    }
}
