#include "kernels/pose/neck.hpp"
#include "tests/workbench.hpp"

#include <numeric>

using namespace poseaug;
using test::Workbench;

TEST_CASE("a neck halfway between thorax and head, and a pose without it") {
    for (const auto& device : test::devices()) {
        Workbench<double> bench(*device);
        std::vector<double> rows(32);
        std::iota(rows.begin(), rows.end(), 0.0);
        std::vector<double> expected = rows;
        expected.insert(expected.begin() + 18, {17, 18}); // the mean of 16, 17 and 18, 19
        CHECK(bench.get(bench.run(find_op(InsertNeck::name), {}, {bench.put(32, 1, rows)})[0]) == expected);

        rows.resize(51);
        std::iota(rows.begin(), rows.end(), 0.0);
        expected = rows;
        expected.erase(expected.begin() + 27, expected.begin() + 30);
        CHECK(bench.get(bench.run(find_op(RemoveNeck::name), {}, {bench.put(51, 1, rows)})[0]) == expected);
    }
}
