#pragma once
#include "data/safetensors.hpp"
#include "models/estimators.hpp"

#include <filesystem>
#include <map>
#include <string>

namespace poseaug {

/// What a weight file's metadata say: "format" poseaug-1, "network" (an estimator's name, or augmentor), and what the writer
/// adds.
using Metadata = std::map<std::string, std::string>;

/// Writes a network's parameters and running statistics by the reference's names and shapes, float32, beside and
/// renamed.
template <class T>
void save_weights(const std::filesystem::path& file, const Network<T>& network, const std::string& kind,
                  Metadata metadata = {});

/// Arrays of a weight file by name. Throws Error naming the file.
NamedTensors read_weights(const std::filesystem::path& file);

/// Width of the layers of `estimator` as the file's shapes tell. Throws Error if the file holds another network, naming it
/// where it is known.
int width_in(const NamedTensors& weights, const std::filesystem::path& file, const Estimator& estimator);

/// Throws Error, naming file and array, unless every array of `layout` is there in its shape and all values are finite.
void require_fitting(const NamedTensors& weights, const std::filesystem::path& file, const Layout& layout);

/// Loads arrays into a network after checking them as `require_fitting` does; the network is unchanged if they do not fit.
template <class T>
void load_weights(const NamedTensors& weights, const std::filesystem::path& file, const Layout& layout,
                  Network<T>& network);

/// The estimator of a weight file, with the file's width; checked before anything is allocated for it.
template <class T>
Network<T> load_estimator(Device& device, const std::filesystem::path& file, const Estimator& estimator);
/// The same for the augmentor.
template <class T> Network<T> load_augmentor(Device& device, const std::filesystem::path& file);

/// The largest relative change of a bone's length that the augmentor of this file was trained with; the published one where
/// the file does not say.
double trained_ratio_limit(const std::filesystem::path& file);

} // namespace poseaug
