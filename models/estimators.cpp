#include "models/estimators.hpp"

#include "models/mlp.hpp"
#include "models/videopose.hpp"

namespace poseaug {

namespace {
const Estimator kEstimators[] = {
    {"mlp", mlp_layout, mlp<float>, mlp<double>, 1024, 0.25, 0.25, 1e-3, 1e-4, 50, "batch_norm1.weight"},
    {"videopose", videopose_layout, videopose<float>, videopose<double>, 1024, 0.25, 0.25, 1e-3, 1e-4, 50,
     "expand_bn.weight"},
};
} // namespace

std::span<const Estimator> estimators() { return kEstimators; }

const Estimator& find_estimator(std::string_view name) {
    for (const Estimator& estimator : kEstimators)
        if (estimator.name == name) return estimator;
    throw Error("no estimator is named '" + std::string(name) + "'; there are " + estimator_names());
}

std::string estimator_names() {
    std::string names;
    for (const Estimator& estimator : kEstimators) names += (names.empty() ? "" : ", ") + std::string(estimator.name);
    return names;
}

} // namespace poseaug
