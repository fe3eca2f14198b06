#include "training/weights.hpp"

#include "models/augmentor.hpp"

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

int augmentor_width_in(const NamedTensors& weights, const std::filesystem::path& file) {
    return first_dimension(weights, file, kAugmentorSignature, "an augmentor");
}

template <class T>
void load_weights(const NamedTensors& weights, const std::filesystem::path& file, Network<T>& network) {
    std::map<std::string, std::vector<double>> values;
    for (const Placement& p : network.placements()) {
        const Array* array = weights.find(p.spec.name);
        if (!array) continue; // the network tells what is missing
        if (array->shape != std::vector<std::int64_t>(p.spec.dims.begin(), p.spec.dims.end()))
            throw Error(file.string() + ": '" + p.spec.name + "' is " + array->describe() +
                        ", which does not fit this network");
    }
    for (const auto& [name, array] : weights.tensors) values[name] = array.doubles();
    try {
        network.load(values);
    } catch (const Error& error) {
        throw Error(file.string() + ": " + error.what());
    }
}

template <class T>
Network<T> load_estimator(Device& device, const std::filesystem::path& file, const Estimator& estimator) {
    const NamedTensors weights = read_weights(file);
    Network<T> network(device, estimator.layout(width_in(weights, file, estimator)));
    load_weights(weights, file, network);
    return network;
}

template void save_weights(const std::filesystem::path&, const Network<float>&, const std::string&, Metadata);
template void save_weights(const std::filesystem::path&, const Network<double>&, const std::string&, Metadata);
template void load_weights(const NamedTensors&, const std::filesystem::path&, Network<float>&);
template void load_weights(const NamedTensors&, const std::filesystem::path&, Network<double>&);
template Network<float> load_estimator(Device&, const std::filesystem::path&, const Estimator&);
template Network<double> load_estimator(Device&, const std::filesystem::path&, const Estimator&);

} // namespace poseaug
