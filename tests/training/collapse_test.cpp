#include "training/collapse.hpp"

#include "tests/workbench.hpp"

using namespace poseaug;
using test::contains;
using test::error_of;

namespace {

Figures accuracies(double fake_3d, double real_3d, double fake_2d, double real_2d) {
    return {{"accuracy_3d_fake", fake_3d},
            {"accuracy_3d_real", real_3d},
            {"accuracy_2d_fake", fake_2d},
            {"accuracy_2d_real", real_2d}};
}

} // namespace

TEST_CASE("a discriminator that is never wrong for epochs on end is named, with the advice of another seed") {
    const Figures fair = accuracies(0.9, 1, 0.7, 0.6), won_2d = accuracies(0.5, 0.5, 1, 1),
                  won_3d = accuracies(1, 0.9995, 0.5, 0.5);
    const auto message = [](const std::vector<Figures>& epochs) {
        return error_of([&] { refuse_pinned_discriminator(epochs); });
    };
    CHECK(message({}).empty());
    CHECK(message({won_2d, won_2d}).empty());
    CHECK(message({won_2d, won_2d, fair}).empty());
    CHECK(message({won_2d, won_3d, won_2d}).empty());
    CHECK(message({fair, fair, fair, fair}).empty());
    const std::string lost = message({fair, won_2d, won_2d, won_2d});
    CHECK(contains(lost, "training collapsed: the 2d discriminator"));
    CHECK(contains(lost, "Try another --seed"));
    CHECK(contains(message({won_3d, won_3d, won_3d}), "the 3d discriminator"));
}
