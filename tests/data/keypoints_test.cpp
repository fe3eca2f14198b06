#include "data/keypoints.hpp"

#include "data/npz.hpp"
#include "kernels/skeleton.hpp"
#include "tests/data/files.hpp"
#include "tests/data/keypoint_samples.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace poseaug;
using namespace poseaug::testing;
using nlohmann::json;

namespace {

KeypointOptions sized(int width = 1000, int height = 1000) {
    KeypointOptions options;
    options.width = width;
    options.height = height;
    return options;
}

struct Sources {
    TemporaryFolder folder;

    std::filesystem::path text(const std::string& name, const std::string& content) const {
        std::filesystem::create_directories((folder / name).parent_path());
        write_file(folder / name, content);
        return folder / name;
    }
    std::filesystem::path file(const std::string& name, const json& content) const {
        return text(name, content.dump());
    }
    KeypointPoses load(const json& content, const KeypointOptions& options = sized()) const {
        return load_keypoints(file("in.json", content), options);
    }
    std::string error(const json& content, const KeypointOptions& options = sized()) const {
        return error_of([&] { load(content, options); });
    }
};

float value(const KeypointPoses& poses, std::int64_t row, int joint, int k) {
    return poses.image.at(static_cast<std::size_t>((row * kJoints + joint) * 2 + k));
}

/// Joint's place, as `sample_person` puts keypoint k (or the mean of such) at (100 + 20 k + dx, 300 + 30 k), in an
/// image 1000 by 1000.
void check_place(const KeypointPoses& poses, std::int64_t row, int joint, double keypoint, double dx = 0) {
    INFO("row ", row, ", joint ", joint);
    CHECK(value(poses, row, joint, 0) == doctest::Approx((100 + 20 * keypoint + dx) / 500 - 1));
    CHECK(value(poses, row, joint, 1) == doctest::Approx((300 + 30 * keypoint) / 500 - 1));
}

using Names = std::vector<std::string>;

} // namespace

TEST_CASE("keypoints: MMPose's forms, all the same poses") {
    const Sources sources;
    const json one = mmpose_instance(sample_person(17)), two = mmpose_instance(sample_person(17, 50));
    const json frames = json::array(
        {{{"frame_id", 7}, {"instances", json::array({one})}}, {{"frame_id", 8}, {"instances", json::array({two})}}});
    json with_scores_inside = one;
    for (json& point : with_scores_inside["keypoints"]) point.push_back(0.9);
    with_scores_inside.erase("keypoint_scores");
    for (const json& content :
         {frames, json{{"meta_info", json::object({{"dataset_name", "coco"}})}, {"instance_info", frames}},
          json{{"predictions", json::array({json::array({one}), json::array({two})})}},
          json::array({json::array({with_scores_inside}), json::array({two})})}) {
        const KeypointPoses poses = sources.load(content);
        REQUIRE(poses.size() == 2);
        CHECK(poses.source == "MMPose JSON, coco");
        for (const std::int64_t row : {0, 1}) {
            const double dx = row == 0 ? 0 : 50;
            check_place(poses, row, 0, 11.5, dx);
            check_place(poses, row, 12, 9, dx);
            check_place(poses, row, 15, 10, dx);
            check_place(poses, row, 1, 12, dx);
            check_place(poses, row, 9, 2.4, dx);
        }
        CHECK(poses.counts.filled + poses.counts.interpolated + poses.counts.dropped == 0);
        CHECK(poses.sequences.size() == 1);
        CHECK(poses.sequences[0].name == "in");
    }
    CHECK(sources.load(frames).frame == Names{"7", "8"});
    const KeypointPoses picture = sources.load(json::array({one, two})); // one picture with two people in it
    CHECK(picture.size() == 1);
    CHECK(
        sources.load(json{{"meta_info", json::object({{"dataset_name", "h36m"}})}, {"instance_info", frames}}).source ==
        "MMPose JSON, h36m");
}

TEST_CASE("keypoints: OpenPose, a file and a folder in the order of its numbers") {
    const Sources sources;
    const KeypointPoses single = sources.load(openpose_frame({sample_person(25)}));
    REQUIRE(single.size() == 1);
    CHECK(single.source == "OpenPose JSON, body25");
    check_place(single, 0, 0, 8);
    check_place(single, 0, 12, 7);
    check_place(single, 0, 15, 4);
    for (const int frame : {10, 2, 1, 0})
        sources.file("walk/img_" + std::to_string(frame) + "_keypoints.json",
                     openpose_frame({sample_person(25, frame)}));
    sources.text("walk/notes.json", "not a frame");
    const KeypointPoses poses = load_keypoints(sources.folder / "walk", sized());
    CHECK(poses.frame == Names{"0", "1", "2", "10"});
    check_place(poses, 2, 12, 7, 2);
    check_place(poses, 3, 12, 7, 10);
    CHECK(poses.sequences[0].name == "img");

    sources.file("walk/run_000000000001_keypoints.json", openpose_frame({sample_person(25)}));
    const KeypointPoses two = load_keypoints((sources.folder / "walk").string() + "/", sized());
    REQUIRE(two.sequences.size() == 2);
    CHECK(two.sequences[1].name == "run");
    CHECK(two.sequences[1].first == 4);
    CHECK(two.frame[4] == "1");
    KeypointOptions only = sized();
    only.sequence = "run";
    CHECK(load_keypoints(sources.folder / "walk", only).size() == 1);
    only.sequence = "ru";
    CHECK(contains(error_of([&] { load_keypoints(sources.folder / "walk", only); }),
                   "no sequence 'ru'; there are img, run"));
}

TEST_CASE("keypoints: COCO annotations bring sizes, portrait is padded square, pictures are no sequence") {
    const Sources sources;
    const json images = json::array({{{"id", 5}, {"file_name", "b.jpg"}, {"width", 1000}, {"height", 500}},
                                     {{"id", 3}, {"file_name", "a.jpg"}, {"width", 500}, {"height", 1000}},
                                     {{"id", 4}, {"file_name", "empty.jpg"}, {"width", 500}, {"height", 1000}}});
    const json people = json::array(
        {{{"image_id", 3}, {"keypoints", triples(sample_person(17), 2)}, {"segmentation", json::array({1, 2})}},
         {{"image_id", 5}, {"keypoints", triples(sample_person(17), 1)}},
         {{"image_id", 5}, {"category_id", 2}}});
    const json annotations = {{"images", images}, {"annotations", people}};
    const KeypointPoses poses = sources.load(annotations, {});
    CHECK(poses.frame == Names{"b.jpg", "a.jpg", "empty.jpg"});
    CHECK(poses.counts.empty == 1);
    CHECK_FALSE(poses.valid[2]);
    CHECK(std::isnan(value(poses, 2, 0, 0)));
    CHECK_FALSE(poses.sequences[0].in_time);
    // left wrist at (280, 570): landscape 2u/w - 1, 2v/w - h/w
    CHECK(value(poses, 0, 12, 0) == doctest::Approx(-0.44));
    CHECK(value(poses, 0, 12, 1) == doctest::Approx(0.64));
    // portrait: 250 pixels of padding on either side, so (530, 570) in 1000 x 1000
    CHECK(value(poses, 1, 12, 0) == doctest::Approx(0.06));
    CHECK(value(poses, 1, 12, 1) == doctest::Approx(0.14));
    // the user's size counts where given
    CHECK(value(sources.load(annotations), 1, 12, 0) == doctest::Approx(-0.44));

    const json results =
        json::array({{{"image_id", "x.jpg"}, {"keypoints", triples(sample_person(17), 0.5)}, {"score", 3.0}}});
    const KeypointPoses scored = sources.load(results);
    CHECK(scored.source == "COCO results, coco");
    CHECK(scored.frame == Names{"x.jpg"});
    KeypointOptions sure = sized();
    sure.min_confidence = 0.6;
    CHECK(contains(sources.error(results, sure), "the person asked for (largest) is in none of its 1 frames"));
}

TEST_CASE("keypoints: whom of several people") {
    const Sources sources;
    SamplePerson small = sample_person(17, 0, 0.9), large = sample_person(17, 0, 0.3);
    for (auto& point : small) {
        point[0] = 500 + point[0] / 4;
        point[1] = 500 + point[1] / 4;
    }
    const json content =
        json::array({{{"frame_id", 0}, {"instances", json::array({mmpose_instance(small), mmpose_instance(large)})}},
                     {{"frame_id", 1}, {"instances", json::array()}},
                     {{"frame_id", 2}, {"instances", json::array({mmpose_instance(large)})}}});
    const auto people = [&](const std::string& person) {
        KeypointOptions options = sized();
        options.person = person;
        options.max_gap = 0;
        return sources.load(content, options);
    };
    CHECK(people("largest").person == std::vector<int>{1, -1, 0});
    CHECK(people("best").person == std::vector<int>{0, -1, 0});
    const KeypointPoses second = people("1");
    CHECK(second.person == std::vector<int>{1, -1, -1});
    CHECK(second.valid == std::vector<bool>{true, false, false});
    CHECK(second.counts.empty == 2);
    const KeypointPoses all = people("all");
    CHECK(all.person == std::vector<int>{0, 1, 0});
    CHECK(all.frame == Names{"0", "0", "2"});
    CHECK_FALSE(all.sequences[0].in_time);
}

TEST_CASE("keypoints: what becomes of missing joints") {
    const Sources sources;
    std::vector<SamplePerson> people;
    for (int i = 0; i < 8; ++i) people.push_back(sample_person(17, 10.0 * i));
    people[1][9] = {0, 0, 0};                        // the left wrist: nowhere
    people[2][9][2] = 0.05;                          // unsure
    for (auto& point : people[4]) point[2] = 0;      // nobody
    for (auto& point : people[7]) point = {0, 0, 0}; // nobody, and nothing after it
    json frames = json::array();
    for (int i = 0; i < 8; ++i)
        frames.push_back(
            {{"frame_id", i}, {"instances", json::array({mmpose_instance(people[static_cast<std::size_t>(i)])})}});
    const auto load = [&](MissingPolicy policy) {
        KeypointOptions options = sized();
        options.min_confidence = 0.1;
        options.missing = policy;
        return sources.load(frames, options);
    };
    const KeypointPoses smooth = load(MissingPolicy::interpolate);
    CHECK(smooth.size() == 8);
    CHECK(smooth.counts.empty == 2);
    CHECK(smooth.counts.interpolated == 2 + 16);
    CHECK(smooth.counts.filled == 0);
    CHECK(smooth.counts.dropped == 1);
    CHECK(smooth.valid == std::vector<bool>{true, true, true, true, true, true, true, false});
    for (int row = 0; row < 7; ++row) // the people move evenly, so that all comes out as if it had been seen
        for (const auto& [joint, keypoint] : {std::pair{12, 9.0}, {15, 10.0}, {0, 11.5}, {9, 2.4}})
            check_place(smooth, row, joint, keypoint, 10 * row);

    const KeypointPoses filled = load(MissingPolicy::fill);
    CHECK(filled.counts.interpolated == 0);
    CHECK(filled.counts.filled == 2);
    CHECK(filled.counts.dropped == 2);
    CHECK(std::isnan(value(filled, 4, 0, 0)));
    CHECK_FALSE(std::isnan(value(filled, 1, 12, 0)));
    check_place(filled, 1, 15, 10, 10);

    const KeypointPoses dropped = load(MissingPolicy::drop);
    CHECK(dropped.valid == std::vector<bool>{true, false, false, true, false, true, true, false});
    CHECK(dropped.size() == 8);
    CHECK(std::isnan(value(dropped, 1, 0, 0)));

    const std::string refused = error_of([&] { load(MissingPolicy::refuse); });
    CHECK(contains(refused, "in.json: sequence in, frame 1: the left wrist is missing"));
}

TEST_CASE("keypoints: our own arrays with names, gaps and confidences") {
    const Sources sources;
    std::vector<float> values;
    for (int i = 0; i < 3 * 16; ++i) {
        const bool lost = i == 16 + 12;
        const float x = static_cast<float>(i % 16) / 20;
        values.insert(values.end(), {lost ? std::nanf("") : x, x / 2, 1});
    }
    const auto write = [&](const std::vector<std::string>& sequence) {
        NpzWriter writer(sources.folder / "in.npz");
        writer.add("pose2d", Array::of({3, 16, 3}, values));
        if (!sequence.empty()) writer.add("sequence", Array::of({3}, sequence));
        writer.add("frame", Array::of({3}, std::vector<std::int64_t>{4, 5, 6}));
        writer.commit();
        return load_keypoints(sources.folder / "in.npz", {});
    };
    const KeypointPoses one = write({"a", "a", "a"});
    CHECK(one.frame == Names{"4", "5", "6"});
    CHECK(one.counts.interpolated == 1);
    CHECK(value(one, 1, 12, 0) == doctest::Approx(0.6));
    CHECK(value(one, 0, 3, 1) == doctest::Approx(0.075));
    const KeypointPoses two = write({"a", "a", "b"});
    CHECK(two.sequences.size() == 2);
    CHECK(two.counts.interpolated == 0);
    CHECK(two.counts.filled == 1);
    CHECK(write({}).counts.filled == 1); // nothing says that these follow each other
}

TEST_CASE("load_extra_2d: complete poses of everybody") {
    const Sources sources;
    SamplePerson lost = sample_person(17);
    lost[16][2] = 0;
    const json people = json::array({{{"image_id", 1}, {"keypoints", triples(sample_person(17), 2)}},
                                     {{"image_id", 1}, {"keypoints", triples(lost)}},
                                     {{"image_id", 1}, {"keypoints", triples(sample_person(17, 100), 2)}}});
    const json images = json::array({{{"id", 1}, {"width", 1000}, {"height", 1000}}, {{"id", 2}}});
    const json content = {{"images", images}, {"annotations", people}};
    KeypointCounts counts;
    const std::vector<float> poses = load_extra_2d(sources.file("in.json", content), &counts);
    REQUIRE(poses.size() == 64);
    CHECK(counts.frames == 3);
    CHECK(counts.dropped == 1);
    CHECK(poses[2 * 12] == doctest::Approx(280.0 / 500 - 1));
    CHECK(poses[32 + 2 * 12] == doctest::Approx(380.0 / 500 - 1));
    CHECK(contains(error_of([&] { load_extra_2d(sources.file("b.json", openpose_frame({sample_person(25)}))); }),
                   "--width and --height"));
}

TEST_CASE("keypoints: bad files, one message each") {
    const Sources sources;
    const auto text_error = [&](const std::string& text) {
        return error_of([&] { load_keypoints(sources.text("in.json", text), sized()); });
    };
    const auto is = [](const std::string& error, const std::string& part) {
        INFO(error);
        CHECK(contains(error, part));
        CHECK(error.find('\n') == std::string::npos);
    };
    is(text_error(""), "not valid JSON");
    is(text_error("{\"people\": [NaN"), "not valid JSON (at byte 13 of 15)");
    is(text_error("[1e999]"), "a number is too large");
    is(text_error(std::string(200000, '[')), "nests lists deeper");
    is(text_error("{\"version\": 1}"), "in no form that is known");
    is(text_error("42"), "in no form that is known");
    is(text_error("[]"), "the person asked for (largest) is in none of its 1 frames");
    is(text_error("[[],[]]"), "is in none of its 2 frames");
    is(text_error("{\"predictions\": []}"), "holds no frame");
    is(text_error("{\"instance_info\": 3}"), "instance_info: is number; expected a list");
    is(text_error("{\"people\": [{\"face\": []}]}"), "people[0]: has no 'pose_keypoints_2d'");
    is(text_error("{\"people\": [{\"pose_keypoints_2d\": [1, 2]}]}"), "holds 2 numbers");
    is(text_error("{\"people\": [{\"pose_keypoints_2d\": [\"a\", 2, 3]}]}"), "holds a string among its numbers");
    is(text_error("{\"annotations\": [{\"keypoints\": []}]}"), "annotations[0]: has no 'image_id'");
    is(sources.error(openpose_frame({sample_person(21)})), "21 keypoints a person do not tell their layout");
    is(sources.error(openpose_frame({sample_person(25), sample_person(18)})),
       "person 1: 18 keypoints a person, where those before have 25");
    SamplePerson absurd = sample_person(25);
    absurd[3][0] = 1e12;
    is(sources.error(openpose_frame({absurd})), "lies in no image");
    absurd[3][0] = 90000;
    is(sources.error(openpose_frame({absurd})), "in an image of 1000 x 1000; is that its size?");
    is(sources.error(openpose_frame({sample_person(25)}), {}), "give its --width and --height");
    SamplePerson normalised = sample_person(25);
    for (auto& point : normalised) point = {point[0] / 2000, point[1] / 2000, 1};
    is(sources.error(openpose_frame({normalised})), "they are no pixels");
    json ragged = mmpose_instance(sample_person(17));
    ragged["keypoint_scores"].push_back(1);
    is(sources.error(json::array({ragged})), "17 keypoints but 18 keypoint_scores");
    ragged["keypoints"][4] = {1, 2, 3, 4};
    ragged.erase("keypoint_scores");
    is(sources.error(json::array({ragged})), "keypoint 4: has 4 numbers");
    KeypointOptions wrong = sized();
    wrong.layout = "body25";
    is(sources.error(json::array({mmpose_instance(sample_person(17))}), wrong), "the layout body25 has 25");
    std::filesystem::create_directory(sources.folder / "none");
    is(error_of([&] { load_keypoints(sources.folder / "none", sized()); }), "holds no .json file");
    is(error_of([&] { load_keypoints(sources.folder / "gone", sized()); }), "no such file or folder");
    sources.file("many/a_1.json", {{"images", json::array()}, {"annotations", json::array()}});
    is(error_of([&] { load_keypoints(sources.folder / "many", sized()); }), "not the people of one frame");
}

TEST_CASE("keypoints: damaged JSON is refused or read, never worse") {
    const Sources sources;
    const std::string good =
        json::array({{{"frame_id", 0}, {"instances", json::array({mmpose_instance(sample_person(17))})}}}).dump();
    CHECK(refused_mutations(good, 300, [&](const std::string& bytes) {
              load_keypoints(sources.text("in.json", bytes), sized());
          }) > 30);
}
