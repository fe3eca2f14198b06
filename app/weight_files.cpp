#include "app/weight_files.hpp"

#include "models/augmentor.hpp"
#include "training/settings.hpp"
#include "training/weights.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace poseaug::app {

namespace {

using std::filesystem::path;

void require_fitting(const NamedTensors& weights, const path& file, const Layout& layout) {
    for (const ParameterSpec& spec : layout) {
        const Array* array = weights.find(spec.name);
        const std::vector<std::int64_t> expected(spec.dims.begin(), spec.dims.end());
        if (!array)
            throw Error(fmt::format("{} lacks '{}'; it is incomplete or of another network", file.string(), spec.name));
        if (array->shape != expected)
            throw Error(fmt::format("{}: '{}' is {}; expected {}", file.string(), spec.name, array->describe(),
                                    describe_shape(expected)));
    }
}

void require_finite(const NamedTensors& weights, const path& file) {
    for (const auto& [name, array] : weights.tensors) {
        const std::vector<double> values = array.doubles();
        if (!std::ranges::all_of(values, [](double v) { return std::isfinite(v); }))
            throw Error(fmt::format("{}: '{}' holds values that are not finite; the training that wrote it failed",
                                    file.string(), name));
    }
}

Network<float> open(Device& device, const path& file, const NamedTensors& weights, int width,
                    Layout (*layout_of)(int)) {
    if (width < 1) throw Error(file.string() + " holds layers of width 0");
    const Layout layout = layout_of(width);
    require_fitting(weights, file, layout);
    require_finite(weights, file);
    Network<float> network(device, layout);
    load_weights(weights, file, network);
    return network;
}

} // namespace

Network<float> open_estimator(Device& device, const path& file, const Estimator& estimator) {
    const NamedTensors weights = read_weights(file);
    return open(device, file, weights, width_in(weights, file, estimator), estimator.layout);
}

Network<float> open_augmentor(Device& device, const path& file) {
    const NamedTensors weights = read_weights(file);
    return open(device, file, weights, augmentor_width_in(weights, file),
                [](int width) { return augmentor_layout(width); });
}

double trained_ratio_limit(const path& file) {
    const auto metadata = read_weights(file).metadata;
    const auto found = metadata.find("ratio_limit");
    const double limit = found == metadata.end() ? LossSettings().ratio_limit : std::atof(found->second.c_str());
    if (!(limit >= 0 && limit < 1))
        throw Error(fmt::format("{}: ratio_limit is '{}'; expected a number in [0, 1). Give --ratio-limit",
                                file.string(), found->second));
    return limit;
}

} // namespace poseaug::app
