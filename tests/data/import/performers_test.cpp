#include "data/import/performers.hpp"

#include "data/import/mocap_files.hpp"
#include "tests/data/files.hpp"

#include <doctest/doctest.h>

using namespace poseaug;
using namespace poseaug::testing;

TEST_CASE("name_clip: the performer and the action of a file") {
    struct Example {
        const char *file, *performer, *action;
    };
    for (const auto& [file, performer, action] : {
             Example{"/cmu/subjects/05/05_01.amc", "05", "05_01"},
             Example{"/cmu/005_04.bvh", "005", "005_04"},
             Example{"/bandai/data/dataset-1_walk-back_active_001.bvh", "dataset-1", "walk-back active 001"},
             Example{"/lafan1/aiming1_subject3.bvh", "subject3", "aiming1"},
             Example{"/studio/Anna/walk_fast.bvh", "Anna", "walk fast"},
             Example{"/studio/Anna/walk.bvh", "Anna", "walk"},
             Example{"/studio/S9_Sitting Down 1.bvh", "S9", "Sitting Down 1"},
             Example{"/studio/07.bvh", "studio", "07"},
             Example{"/studio/S7.bvh", "S7", "S7"},
             Example{"/studio/_.bvh", "studio", "_"},
         }) {
        CAPTURE(file);
        CHECK(name_clip(file).performer == performer);
        CHECK(name_clip(file).action == action);
    }
}

TEST_CASE("assign_subjects: in turn, and as chosen") {
    using Map = std::map<std::string, std::string>;
    CHECK(assign_subjects({"a", "b", "c"}, {}) == Map{{"a", "S1"}, {"b", "S5"}, {"c", "S6"}});
    CHECK(assign_subjects({"a", "b", "c"}, {{"a", "S9"}}) == Map{{"a", "S9"}, {"b", "S1"}, {"c", "S5"}});
    CHECK(assign_subjects({"a", "b", "c"}, {{"c", "S1"}}) == Map{{"a", "S5"}, {"b", "S6"}, {"c", "S1"}});
    const Map nine = assign_subjects({"a", "b", "c", "d", "e", "f", "g", "h", "i"}, {});
    CHECK(nine.at("g") == "S11");
    CHECK(nine.at("i") == "S5");
    CHECK(contains(error_of([] { assign_subjects({"a", "b"}, {{"x", "S1"}}); }), "no clip by 'x'"));
    CHECK(contains(error_of([] { assign_subjects({"a", "b"}, {{"a", "S2"}}); }), "no Human3.6M camera calibration"));
}

TEST_CASE("files_of_kind and skeleton_of_motion") {
    const TemporaryFolder folder;
    std::filesystem::create_directories(folder / "b" / "c");
    for (const char* name :
         {"z.bvh", "b/c/a.BVH", "b/x.txt", "05.asf", "05_01.amc", "051.asf", "051_02.amc", "7_1.amc"})
        write_file(folder / name, "x");
    const auto found = files_of_kind(folder / "", ".bvh");
    REQUIRE(found.size() == 2);
    CHECK(found[0].filename() == "a.BVH");
    CHECK(files_of_kind(folder / "z.bvh", ".bvh").size() == 1);
    CHECK(contains(error_of([&] { files_of_kind(folder / "b/x.txt", ".bvh"); }), "is no .bvh file"));
    CHECK(contains(error_of([&] { files_of_kind(folder / "b", ".amc"); }), "no .amc file in"));
    CHECK(contains(error_of([&] { files_of_kind(folder / "nowhere", ".amc"); }), "does not exist"));
    CHECK(skeleton_of_motion(folder / "05_01.amc").filename() == "05.asf");
    CHECK(skeleton_of_motion(folder / "051_02.amc").filename() == "051.asf");
    CHECK(contains(error_of([&] { skeleton_of_motion(folder / "7_1.amc"); }), "7_1.amc has no skeleton"));
    write_file(folder / "b/any.asf", "x");
    CHECK(skeleton_of_motion(folder / "b/7_1.amc").filename() == "any.asf");
    CHECK(contains(error_of([&] { skeleton_of_motion(folder / "b/c/7_1.amc"); }), "beside it is no .asf file"));
}
