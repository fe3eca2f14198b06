#include "app/description.hpp"
#include "models/augmentor.hpp"
#include "models/estimators.hpp"
#include "training/weights.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace poseaug::app {

namespace {

bool fits(const NamedTensors& weights, const Layout& layout) {
    return std::ranges::all_of(layout, [&](const ParameterSpec& spec) {
        const Array* array = weights.find(spec.name);
        return array && array->shape == std::vector<std::int64_t>(spec.dims.begin(), spec.dims.end());
    });
}

constexpr std::size_t kLongest = 200; ///< of metadata that are shown

int width_of(const NamedTensors& weights, const std::string& signature) {
    const Array* array = weights.find(signature);
    return array && !array->shape.empty() ? static_cast<int>(std::min<std::int64_t>(array->shape[0], 1 << 20)) : 0;
}

/// The network whose arrays the file holds, and its width.
std::optional<std::pair<std::string, int>> network_in(const NamedTensors& weights) {
    for (const Estimator& estimator : estimators()) {
        const int width = width_of(weights, std::string(estimator.signature));
        if (width > 0 && fits(weights, estimator.layout(width)))
            return std::pair("estimator " + std::string(estimator.name), width);
    }
    const int width = width_of(weights, augmentor_layout(1).front().name);
    if (width > 0 && fits(weights, augmentor_layout(width))) return std::pair(std::string("augmentor"), width);
    return std::nullopt;
}

bool is_statistic(const std::string& name) {
    return name.ends_with("running_mean") || name.ends_with("running_var") || name.ends_with("num_batches_tracked");
}

} // namespace

Description describe_tensors(const std::filesystem::path& file) {
    const NamedTensors weights = read_weights(file);
    Description d{fmt::format("{}: {} tensors", file.string(), weights.tensors.size()), {{"kind", "safetensors"}}};
    if (const auto network = network_in(weights)) {
        std::int64_t parameters = 0;
        for (const auto& [name, array] : weights.tensors) parameters += is_statistic(name) ? 0 : array.size();
        d.text += fmt::format("; {}, width {}, {} learned parameters", network->first, network->second, parameters);
        d.json.update({{"network", network->first}, {"width", network->second}, {"parameters", parameters}});
    }
    d.text += "\n";
    for (const auto& [key, value] : weights.metadata) {
        d.text += value.size() <= kLongest ? fmt::format("  {} = {}\n", key, value)
                                           : fmt::format("  {} = ({} characters)\n", key, value.size());
        d.json["metadata"][key] = value;
    }
    std::size_t longest = 0;
    for (const auto& [name, array] : weights.tensors) longest = std::max(longest, name.size());
    for (const auto& [name, array] : weights.tensors) {
        d.text += fmt::format("  {:<{}}  {}\n", name, longest, array.describe());
        d.json["tensors"].push_back({{"name", name}, {"shape", array.shape}, {"is", array.describe()}});
    }
    return d;
}

} // namespace poseaug::app
