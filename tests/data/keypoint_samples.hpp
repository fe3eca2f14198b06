#pragma once
#include <nlohmann/json.hpp>

#include <array>
#include <vector>

namespace poseaug::testing {

/// x, y and confidence of a person's keypoints.
using SamplePerson = std::vector<std::array<double, 3>>;

/// Keypoint k at (100 + 20 k + dx, 300 + 30 k).
inline SamplePerson sample_person(int keypoints, double dx = 0, double confidence = 0.8) {
    SamplePerson person;
    for (int k = 0; k < keypoints; ++k) person.push_back({100 + 20.0 * k + dx, 300 + 30.0 * k, confidence});
    return person;
}

/// As MMPose writes an instance.
inline nlohmann::json mmpose_instance(const SamplePerson& person) {
    nlohmann::json points = nlohmann::json::array(), scores = nlohmann::json::array();
    for (const auto& [x, y, confidence] : person) {
        points.push_back({x, y});
        scores.push_back(confidence);
    }
    return {{"keypoints", points},
            {"keypoint_scores", scores},
            {"bbox", {{10.0, 20.0, 300.0, 400.0}}},
            {"bbox_score", 0.99}};
}

/// x, y, confidence, one after another; `flag` in place of confidences above 0 where given.
inline nlohmann::json triples(const SamplePerson& person, double flag = 0) {
    nlohmann::json values = nlohmann::json::array();
    for (const auto& [x, y, confidence] : person) {
        values.push_back(x);
        values.push_back(y);
        values.push_back(flag > 0 && confidence > 0 ? flag : confidence);
    }
    return values;
}

/// As OpenPose writes the file of a frame.
inline nlohmann::json openpose_frame(const std::vector<SamplePerson>& people) {
    nlohmann::json list = nlohmann::json::array();
    for (const SamplePerson& person : people)
        list.push_back({{"person_id", {-1}},
                        {"pose_keypoints_2d", triples(person)},
                        {"face_keypoints_2d", nlohmann::json::array()}});
    return {{"version", 1.3}, {"people", list}};
}

} // namespace poseaug::testing
