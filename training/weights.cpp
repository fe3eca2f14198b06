#include "training/weights.hpp"

#include "models/augmentor.hpp"
#include "training/settings.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace poseaug {

namespace {

constexpr const char* kAugmentorSignature = "BAprocess.w1.weight";

/// What network a file holds, for messages.
std::string content_of(const NamedTensors& weights) {
    if (weights.find(kAugmentorSignature)) return "an augmentor";
    for (const Estimator& e : estimators())
        if (weights.find(std::string(e.signature))) return "the estimator '" + std::string(e.name) + "'";
    return "no network known here";
}

int first_dimension(const NamedTensors& weights, const std::filesystem::path& file, const std::string& signature,
                    const std::string& wanted) {
    const Array* array = weights.find(signature);
    if (!array || array->shape.empty())
        throw Error(file.string() + " holds " + content_of(weights) + ", not " + wanted + " (it has no '" + signature +
                    "')");
    if (array->shape[0] < 1 || array->shape[0] > 65536)
        throw Error(file.string() + " holds layers of width " + std::to_string(array->shape[0]) +
                    "; expected 1 to 65536");
    return static_cast<int>(array->shape[0]);
}

} // namespace

template <class T>
void save_weights(const std::filesystem::path& file, const Network<T>& network, const std::string& kind,
                  Metadata metadata) {
    metadata["format"] = "poseaug-1";
    metadata["network"] = kind;
    NamedTensors content{{}, std::move(metadata)};
    const auto values = network.save();
    for (const Placement& p : network.placements()) {
        const auto& from = values.at(p.spec.name);
        content.tensors.emplace_back(p.spec.name, Array::of({p.spec.dims.begin(), p.spec.dims.end()},
                                                            std::vector<float>(from.begin(), from.end())));
    }
    write_safetensors(file, content);
}

NamedTensors read_weights(const std::filesystem::path& file) { return read_safetensors(file); }

int width_in(const NamedTensors& weights, const std::filesystem::path& file, const Estimator& estimator) {
    return first_dimension(weights, file, std::string(estimator.signature),
                           "the estimator '" + std::string(estimator.name) + "'");
}

void require_fitting(const NamedTensors& weights, const std::filesystem::path& file, const Layout& layout) {
    for (const ParameterSpec& spec : layout) {
        const Array* array = weights.find(spec.name);
        const std::vector<std::int64_t> expected(spec.dims.begin(), spec.dims.end());
        if (!array) throw Error(file.string() + " lacks '" + spec.name + "'; it is incomplete or of another network");
        if (array->shape != expected)
            throw Error(file.string() + ": '" + spec.name + "' is " + array->describe() + "; expected " +
                        describe_shape(expected));
        const std::vector<double> values = array->doubles();
        if (!std::ranges::all_of(values, [](double v) { return std::isfinite(v); }))
            throw Error(file.string() + ": '" + spec.name +
                        "' holds values that are not finite; the training that wrote it failed");
    }
}

template <class T>
void load_weights(const NamedTensors& weights, const std::filesystem::path& file, const Layout& layout,
                  Network<T>& network) {
    require_fitting(weights, file, layout);
    std::map<std::string, std::vector<double>> values;
    for (const auto& [name, array] : weights.tensors) values[name] = array.doubles();
    try {
        network.load(values);
    } catch (const Error& error) {
        throw Error(file.string() + ": " + error.what());
    }
}

namespace {
template <class T>
Network<T> load(Device& device, const NamedTensors& weights, const std::filesystem::path& file, const Layout& layout) {
    require_fitting(weights, file, layout);
    Network<T> network(device, layout);
    load_weights(weights, file, layout, network);
    return network;
}
} // namespace

template <class T>
Network<T> load_estimator(Device& device, const std::filesystem::path& file, const Estimator& estimator) {
    const NamedTensors weights = read_weights(file);
    return load<T>(device, weights, file, estimator.layout(width_in(weights, file, estimator)));
}

template <class T> Network<T> load_augmentor(Device& device, const std::filesystem::path& file) {
    const NamedTensors weights = read_weights(file);
    return load<T>(device, weights, file,
                   augmentor_layout(first_dimension(weights, file, kAugmentorSignature, "an augmentor")));
}

double trained_ratio_limit(const std::filesystem::path& file) {
    const auto metadata = read_weights(file).metadata;
    const auto found = metadata.find("ratio_limit");
    if (found == metadata.end()) return LossSettings().ratio_limit;
    char* end = nullptr;
    const double limit = std::strtod(found->second.c_str(), &end);
    if (found->second.empty() || *end != 0 || !(limit >= 0 && limit < 1))
        throw Error(file.string() + ": ratio_limit is '" + found->second +
                    "'; expected a number in [0, 1). Give --ratio-limit");
    return limit;
}

template void save_weights(const std::filesystem::path&, const Network<float>&, const std::string&, Metadata);
template void save_weights(const std::filesystem::path&, const Network<double>&, const std::string&, Metadata);
template void load_weights(const NamedTensors&, const std::filesystem::path&, const Layout&, Network<float>&);
template void load_weights(const NamedTensors&, const std::filesystem::path&, const Layout&, Network<double>&);
template Network<float> load_augmentor(Device&, const std::filesystem::path&);
template Network<double> load_augmentor(Device&, const std::filesystem::path&);
template Network<float> load_estimator(Device&, const std::filesystem::path&, const Estimator&);
template Network<double> load_estimator(Device&, const std::filesystem::path&, const Estimator&);

} // namespace poseaug
