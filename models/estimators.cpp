#include "models/estimators.hpp"

#include "models/gcn.hpp"
#include "models/mlp.hpp"
#include "models/stgcn.hpp"
#include "models/videopose.hpp"

namespace poseaug {

namespace {
const Estimator kEstimators[] = {
    {"mlp", mlp_layout, mlp<float>, mlp<double>, 1024, 0.25, 0.25, 1e-3, 1e-4, 50, "batch_norm1.weight"},
    {"videopose", videopose_layout, videopose<float>, videopose<double>, 1024, 0.25, 0.25, 1e-3, 1e-4, 50,
     "expand_bn.weight"},
    {"gcn", gcn_layout, gcn<float>, gcn<double>, 128, 0, 0, 2e-2, 1e-3, 100, "gconv_input.0.bn.weight"},
    {"stgcn", stgcn_layout, stgcn<float>, stgcn<double>, 128, -1, 0, 1e-3, 1e-4, 50,
     "stgcn.st_gcn_networks.0.tcn.0.weight"},
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
