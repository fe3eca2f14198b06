#include "training/weights.hpp"

#include "data/weight_file.hpp"
#include "models/augmentor.hpp"
#include "training/settings.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace poseaug {

namespace {

constexpr const char* kAugmentorSignature = "BAprocess.w1.weight";

constexpr int kWidest = 65536;

/// The first dimension of an array that tells a network; 0 if it is not there.
int width_by(const NamedTensors& weights, std::string_view signature) {
    const Array* array = weights.find(std::string(signature));
    return array && !array->shape.empty() ? static_cast<int>(std::clamp<std::int64_t>(array->shape[0], 0, 1 << 30)) : 0;
}

bool is_there(const NamedTensors& weights, const ParameterSpec& spec) {
    const Array* array = weights.find(spec.name);
    return array && array->shape == std::vector<std::int64_t>(spec.dims.begin(), spec.dims.end());
}

bool is_batch_count(const std::string& name) { return name.ends_with("num_batches_tracked"); }

/// A network found, and the table of the file that it stands in.
struct Place {
    NetworkIdentity network;
    TensorTable* table;
};

std::vector<Place> places_in(WeightFile& content) {
    std::vector<Place> places;
    for (TensorTable& table : content.tables)
        for (const NetworkIdentity& network : networks_in(table.content)) places.push_back({network, &table});
    return places;
}

std::string describe(const std::vector<Place>& places) {
    std::string text;
    for (const Place& place : places) {
        text += (text.empty() ? "" : " and ") + place.network.describe();
        if (!place.table->name.empty()) text += " under '" + place.table->name + "'";
    }
    return text.empty() ? "no network known here" : text;
}

/// The one network of a file that `fits`; `wanted` says what was looked for.
template <class Fits>
FoundWeights find_network(const std::filesystem::path& file, const std::string& wanted, const Fits& fits) {
    WeightFile content = read_weight_file(file);
    const std::vector<Place> places = places_in(content);
    std::vector<Place> found;
    for (const Place& place : places)
        if (fits(place.network)) found.push_back(place);
    if (found.empty()) throw Error(file.string() + " holds " + describe(places) + ", not " + wanted);
    if (found.size() > 1)
        throw Error(file.string() + " holds " + describe(found) +
                    ", where one was expected; poseaug convert --part NAME takes one out, --model may name it");
    if (found[0].network.width > kWidest)
        throw Error(file.string() + " holds layers of width " + std::to_string(found[0].network.width) +
                    "; expected 1 to " + std::to_string(kWidest));
    return {found[0].network, std::move(found[0].table->content)};
}

} // namespace

Layout NetworkIdentity::layout() const { return estimator ? estimator->layout(width) : augmentor_layout(width); }

std::string NetworkIdentity::describe() const {
    return estimator ? "the estimator '" + std::string(estimator->name) + "'" : "an augmentor";
}

std::vector<NetworkIdentity> networks_in(const NamedTensors& weights) {
    std::vector<NetworkIdentity> networks;
    for (const Estimator& estimator : estimators())
        if (const int width = width_by(weights, estimator.signature)) networks.push_back({&estimator, width});
    if (const int width = width_by(weights, kAugmentorSignature)) networks.push_back({nullptr, width});
    return networks;
}

std::optional<NetworkIdentity> whole_network_in(const NamedTensors& weights) {
    std::vector<NetworkIdentity> whole;
    for (const NetworkIdentity& network : networks_in(weights))
        if (network.width <= kWidest &&
            std::ranges::all_of(network.layout(), [&](const ParameterSpec& spec) { return is_there(weights, spec); }))
            whole.push_back(network);
    return whole.size() == 1 ? std::optional(whole[0]) : std::nullopt;
}

std::int64_t learned_parameters(const NamedTensors& weights) {
    std::int64_t count = 0;
    for (const auto& [name, array] : weights.tensors)
        if (!is_batch_count(name) && !name.ends_with("running_mean") && !name.ends_with("running_var"))
            count += array.size();
    return count;
}

template <class T>
void save_weights(const std::filesystem::path& file, const NetworkCopy<T>& network, const std::string& kind,
                  Metadata metadata) {
    metadata["format"] = "poseaug-1";
    metadata["network"] = kind;
    std::vector<std::vector<float>> rounded; // of networks in double
    std::vector<TensorInPlace> tensors;
    for (const Placement& p : network.placements()) {
        const auto from = network.at(p);
        std::span<const float> values;
        if constexpr (std::is_same_v<T, float>) values = from;
        else values = rounded.emplace_back(from.begin(), from.end());
        tensors.push_back(
            {p.spec.name, ElementType::f32, {p.spec.dims.begin(), p.spec.dims.end()}, {std::as_bytes(values)}});
    }
    write_safetensors(file, tensors, metadata);
}

template <class T>
void save_weights(const std::filesystem::path& file, const Network<T>& network, const std::string& kind,
                  Metadata metadata) {
    NetworkCopy<T> copy(network);
    copy.queue(network);
    network.device().synchronize();
    save_weights(file, copy, kind, std::move(metadata));
}

NamedTensors read_weights(const std::filesystem::path& file) {
    WeightFile content = read_weight_file(file);
    if (content.tables.size() == 1) return std::move(content.tables[0].content);
    std::string names;
    for (const TensorTable& table : content.tables) names += (names.empty() ? "'" : ", '") + table.name + "'";
    throw Error(file.string() + " holds several sets of arrays: " + names +
                "; poseaug convert --part NAME takes one out");
}

FoundWeights read_estimator(const std::filesystem::path& file, std::string_view model) {
    const Estimator* expected = model.empty() ? nullptr : &find_estimator(model);
    return find_network(file, expected ? "the estimator '" + std::string(model) + "'" : "an estimator",
                        [&](const NetworkIdentity& network) {
                            return network.estimator && (!expected || network.estimator == expected);
                        });
}

FoundWeights read_augmentor(const std::filesystem::path& file) {
    return find_network(file, "an augmentor", [](const NetworkIdentity& network) { return !network.estimator; });
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
    for (const auto& [name, array] : weights.tensors)
        if (!is_batch_count(name)) values[name] = array.doubles();
    try {
        network.load(values);
    } catch (const Error& error) {
        throw Error(file.string() + ": " + error.what());
    }
}

template <class T>
Network<T> make_network(Device& device, const FoundWeights& found, const std::filesystem::path& file) {
    const Layout layout = found.network.layout();
    require_fitting(found.weights, file, layout);
    Network<T> network(device, layout);
    load_weights(found.weights, file, layout, network);
    return network;
}

template <class T>
LoadedEstimator<T> load_estimator(Device& device, const std::filesystem::path& file, std::string_view model) {
    const FoundWeights found = read_estimator(file, model);
    return {*found.network.estimator, make_network<T>(device, found, file), found.weights.metadata};
}

template <class T> Network<T> load_augmentor(Device& device, const std::filesystem::path& file) {
    return make_network<T>(device, read_augmentor(file), file);
}

double trained_ratio_limit(const std::filesystem::path& file) {
    const Metadata metadata = read_augmentor(file).weights.metadata;
    const auto found = metadata.find("ratio_limit");
    if (found == metadata.end()) return LossSettings().ratio_limit;
    char* end = nullptr;
    const double limit = std::strtod(found->second.c_str(), &end);
    if (found->second.empty() || *end != 0 || !(limit >= 0 && limit < 1))
        throw Error(file.string() + ": ratio_limit is '" + found->second +
                    "'; expected a number in [0, 1). Give --ratio-limit");
    return limit;
}

template void save_weights(const std::filesystem::path&, const NetworkCopy<float>&, const std::string&, Metadata);
template void save_weights(const std::filesystem::path&, const NetworkCopy<double>&, const std::string&, Metadata);
template void save_weights(const std::filesystem::path&, const Network<float>&, const std::string&, Metadata);
template void save_weights(const std::filesystem::path&, const Network<double>&, const std::string&, Metadata);
template void load_weights(const NamedTensors&, const std::filesystem::path&, const Layout&, Network<float>&);
template void load_weights(const NamedTensors&, const std::filesystem::path&, const Layout&, Network<double>&);
template Network<float> make_network(Device&, const FoundWeights&, const std::filesystem::path&);
template Network<double> make_network(Device&, const FoundWeights&, const std::filesystem::path&);
template Network<float> load_augmentor(Device&, const std::filesystem::path&);
template Network<double> load_augmentor(Device&, const std::filesystem::path&);
template LoadedEstimator<float> load_estimator(Device&, const std::filesystem::path&, std::string_view);
template LoadedEstimator<double> load_estimator(Device&, const std::filesystem::path&, std::string_view);

} // namespace poseaug
