#include "training/run_parts.hpp"

#include <nlohmann/json.hpp>

namespace poseaug {

using nlohmann::json;

json common_settings(const RunOptions& o, const Device& device, int width) {
    return {{"data", std::filesystem::absolute(o.data).lexically_normal().string()},
            {"model", o.model},
            {"width", width},
            {"keypoints", o.keypoints},
            {"subjects", o.subjects},
            {"stride", o.stride},
            {"seed", o.seed},
            {"device", device.name()}};
}

json to_json(const Evaluations& evaluations) {
    json all = json::object();
    for (const auto& [set, result] : evaluations) all[set] = poseaug::to_json(result);
    return all;
}

Evaluations evaluate_finite(TestSets<Real>& tests, int epoch) {
    Evaluations errors = tests.evaluate();
    for (const auto& [set, result] : errors)
        if (!is_finite(result))
            throw Error("training collapsed: the estimator's error on " + set + " is not finite after epoch " +
                        std::to_string(epoch) + "; the last good checkpoint stays. Try another --seed or a lower --lr");
    return errors;
}

} // namespace poseaug
