#pragma once
#include "data/safetensors.hpp"
#include "models/estimators.hpp"

#include <filesystem>
#include <map>
#include <string>

namespace poseaug {

/// What a weight file's metadata say: "format" poseaug-1, "network" (mlp, videopose, augmentor), and what the writer
/// adds.
using Metadata = std::map<std::string, std::string>;

/// Writes a network's parameters and running statistics by the reference's names and shapes, float32, beside and
/// renamed.
template <class T>
void save_weights(const std::filesystem::path& file, const Network<T>& network, const std::string& kind,
                  Metadata metadata = {});

/// Arrays of a weight file by name. Throws Error naming the file.
NamedTensors read_weights(const std::filesystem::path& file);

/// Width of the layers of `estimator` as the file's shapes tell. Throws Error if the file holds another network, naming
/// it where it is known.
int width_in(const NamedTensors& weights, const std::filesystem::path& file, const Estimator& estimator);
/// The same for the augmentor.
int augmentor_width_in(const NamedTensors& weights, const std::filesystem::path& file);

/// Loads arrays into a network. Throws Error naming the file and the array that does not fit; the network is then
/// unchanged.
template <class T>
void load_weights(const NamedTensors& weights, const std::filesystem::path& file, Network<T>& network);

/// The estimator of a weight file, with its width.
template <class T>
Network<T> load_estimator(Device& device, const std::filesystem::path& file, const Estimator& estimator);

} // namespace poseaug
