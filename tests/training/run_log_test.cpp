#include "training/run_log.hpp"

#include "tests/data/files.hpp"

#include <doctest/doctest.h>

using namespace poseaug;
using nlohmann::json;

namespace {

json errors(double h36m, double other) {
    return {{"h36m", {{"mpjpe", h36m}, {"pck", 100 - h36m}}}, {"3dhp", {{"mpjpe", other}, {"pck", 100 - other}}}};
}

/// A PoseAug run of which the augmented pass is better on both sets in epoch 3.
const std::vector<json> kPoseAug = {
    {{"epoch", 0}, {"errors", {{"start", errors(60, 90)}}}},
    {{"epoch", 1}, {"kept", 5}},
    {{"epoch", 3}, {"errors", {{"augmented", errors(40, 70)}, {"original", errors(50, 80)}}}},
    {{"epoch", 4}, {"errors", {{"augmented", errors(58, 88)}, {"original", errors(55, 75)}}}}};

} // namespace

TEST_CASE("a run's figure on h36m is of the original pass only, elsewhere of the better one") {
    CHECK(figure(kPoseAug, "h36m", "mpjpe", Pick::best) == 50);
    CHECK(figure(kPoseAug, "3dhp", "mpjpe", Pick::best) == 70);
    CHECK(figure(kPoseAug, "h36m", "mpjpe", Pick::last) == 55);
    CHECK(figure(kPoseAug, "3dhp", "mpjpe", Pick::last) == 75);
}

TEST_CASE("of a share of correct keypoints the best is the largest") {
    CHECK(figure(kPoseAug, "h36m", "pck", Pick::best) == 50);
    CHECK(figure(kPoseAug, "3dhp", "pck", Pick::best) == 30);
}

TEST_CASE("the start counts among the epochs") {
    const std::vector<json> worse_after = {{{"epoch", 0}, {"errors", {{"start", errors(30, 20)}}}}, kPoseAug[2]};
    CHECK(figure(worse_after, "h36m", "mpjpe", Pick::best) == 30);
    CHECK(figure(worse_after, "3dhp", "mpjpe", Pick::best) == 20);
}

TEST_CASE("a pretraining run logs its errors without a pass") {
    const std::vector<json> log = {{{"epoch", 1}, {"errors", errors(70, 95)}},
                                   {{"epoch", 2}, {"errors", errors(72, 93)}}};
    CHECK(figure(log, "h36m", "mpjpe", Pick::best) == 70);
    CHECK(figure(log, "h36m", "mpjpe", Pick::last) == 72);
    CHECK(figure(log, "3dhp", "mpjpe", Pick::best) == 93);
}

TEST_CASE("what is not logged has no figure") {
    CHECK_FALSE(figure(kPoseAug, "3dpw", "mpjpe", Pick::best));
    CHECK_FALSE(figure(kPoseAug, "h36m", "auc", Pick::best));
    CHECK_FALSE(figure({}, "h36m", "mpjpe", Pick::last));
}

TEST_CASE("a log is read line by line and a damaged line named") {
    const testing::TemporaryFolder folder;
    CHECK(read_log(folder / "log.jsonl").empty());
    std::ofstream(folder / "log.jsonl") << "{\"epoch\":1}\n{\"epoch\":2}\n";
    CHECK(read_log(folder / "log.jsonl").size() == 2);
    std::ofstream(folder / "log.jsonl", std::ios::app) << "{\"epoch\":";
    CHECK(testing::contains(testing::error_of([&] { read_log(folder / "log.jsonl"); }),
                            "log.jsonl is damaged at line 3"));
}

TEST_CASE("a run is finished once its log has all epochs of its settings") {
    const testing::TemporaryFolder folder;
    CHECK_FALSE(is_finished(folder / ""));
    std::ofstream(folder / "settings.json") << "{\"epochs\": 2}";
    CHECK_FALSE(is_finished(folder / ""));
    std::ofstream(folder / "log.jsonl") << "{\"epoch\":1}\n";
    CHECK_FALSE(is_finished(folder / ""));
    std::ofstream(folder / "log.jsonl", std::ios::app) << "{\"epoch\":2}\n";
    CHECK(is_finished(folder / ""));
}
