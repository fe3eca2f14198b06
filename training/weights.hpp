#pragma once
#include "data/safetensors.hpp"
#include "models/estimators.hpp"
#include "training/network_copy.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace poseaug {

/// What a weight file's metadata say: "format" poseaug-1, "network" (an estimator's name, or augmentor), and what the
/// writer adds.
using Metadata = std::map<std::string, std::string>;

/// Writes a network's parameters and running statistics by the reference's names and shapes, float32, as `.safetensors`,
/// beside and renamed.
template <class T>
void save_weights(const std::filesystem::path& file, const NetworkCopy<T>& network, const std::string& kind,
                  Metadata metadata = {});
template <class T>
void save_weights(const std::filesystem::path& file, const Network<T>& network, const std::string& kind,
                  Metadata metadata = {});

/// A network that some named arrays are of, by the arrays that it alone has.
struct NetworkIdentity {
    const Estimator* estimator = nullptr; ///< none: an augmentor
    int width = 0;                        ///< of its layers
    std::string_view name() const { return estimator ? estimator->name : "augmentor"; }
    Layout layout() const;
    /// "the estimator 'mlp'", "an augmentor".
    std::string describe() const;
};
/// The networks whose arrays are there, whole or not, with the width that the arrays say: as a rule one.
std::vector<NetworkIdentity> networks_in(const NamedTensors& weights);
/// The network whose arrays are all there in their shapes; nothing if there is none, or more than one.
std::optional<NetworkIdentity> whole_network_in(const NamedTensors& weights);
/// Elements of the arrays that a network learns: all but running statistics.
std::int64_t learned_parameters(const NamedTensors& weights);

/// Arrays of a weight file of any format by name (see read_weight_file). Throws Error naming the file, also for several
/// sets of arrays.
NamedTensors read_weights(const std::filesystem::path& file);

/// The weights of one network, found in a file.
struct FoundWeights {
    NetworkIdentity network;
    NamedTensors weights;
};
/// The estimator in a file, told by names and shapes; `model` names the one that is expected. Throws Error, saying what the
/// file holds, if it holds none, several, or another than `model`.
FoundWeights read_estimator(const std::filesystem::path& file, std::string_view model = {});
/// The augmentor in a file.
FoundWeights read_augmentor(const std::filesystem::path& file);

/// Throws Error, naming file and array, unless every array of `layout` is there in its shape and all values are finite.
void require_fitting(const NamedTensors& weights, const std::filesystem::path& file, const Layout& layout);

/// Loads arrays into a network after checking them as `require_fitting` does; the network is unchanged if they do not
/// fit. PyTorch's counts of batches (num_batches_tracked) are not used.
template <class T>
void load_weights(const NamedTensors& weights, const std::filesystem::path& file, const Layout& layout,
                  Network<T>& network);

template <class T> struct LoadedEstimator {
    const Estimator& kind;
    Network<T> network;
    Metadata metadata; ///< of its file
};
/// A network with the weights found for it, checked before anything is allocated; `file` is for messages.
template <class T>
Network<T> make_network(Device& device, const FoundWeights& found, const std::filesystem::path& file);
/// The estimator of a weight file, as read_estimator finds it.
template <class T>
LoadedEstimator<T> load_estimator(Device& device, const std::filesystem::path& file, std::string_view model = {});
/// The same for the augmentor.
template <class T> Network<T> load_augmentor(Device& device, const std::filesystem::path& file);

/// The largest relative change of a bone's length that the augmentor of this file was trained with; the published one
/// where the file does not say.
double trained_ratio_limit(const std::filesystem::path& file);

} // namespace poseaug
