#include "app/description.hpp"
#include "data/weight_file.hpp"
#include "training/weights.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace poseaug::app {

namespace {

void describe_network(Description& d, const NamedTensors& weights) {
    const auto network = whole_network_in(weights);
    if (!network) return;
    const std::string name = network->estimator ? fmt::format("estimator {}", network->name()) : "augmentor";
    const std::int64_t parameters = learned_parameters(weights);
    d.text += fmt::format("; {}, width {}, {} learned parameters", name, network->width, parameters);
    d.json.update({{"network", name}, {"width", network->width}, {"parameters", parameters}});
}

constexpr std::size_t kLongest = 200; ///< of metadata that are shown

Description describe_table(const NamedTensors& weights) {
    Description d{fmt::format("{} tensors", weights.tensors.size()), nlohmann::json::object()};
    describe_network(d, weights);
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

} // namespace

Description describe_tensors(const std::filesystem::path& file) {
    const WeightFile content = read_weight_file(file);
    Description d{"", {{"kind", describe(content.format)}, {"format", content.described}}};
    for (const TensorTable& table : content.tables) {
        const Description one = describe_table(table.content);
        const std::string under = table.name.empty() ? "" : fmt::format(", under '{}'", table.name);
        d.text += fmt::format("{} ({}){}: {}", file.string(), content.described, under, one.text);
        if (content.tables.size() == 1) d.json.update(one.json);
        else d.json["tables"][table.name] = one.json;
    }
    for (const std::string& left_out : content.left_out) {
        d.text += fmt::format("  beside: {}\n", left_out);
        d.json["beside"].push_back(left_out);
    }
    return d;
}

} // namespace poseaug::app
