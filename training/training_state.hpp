#pragma once
#include "data/safetensors.hpp"
#include "engine/steps.hpp"
#include "models/network.hpp"
#include "training/network_copy.hpp"

namespace poseaug {

/// All that a training needs to go on as if it had not stopped: parameters, statistics, moments, replay pools,
/// counters. Kept in a `.safetensors` file; counters stand in its metadata. The arrays that are put into it stay where
/// they are, and must until it is saved.
class TrainingState {
public:
    TrainingState() = default;
    /// Throws Error naming the file.
    explicit TrainingState(const std::filesystem::path& file);
    void save(const std::filesystem::path& file) const { write_safetensors(file, put_, content_.metadata); }

    template <class T> void put(const std::string& name, const LearningNetworkCopy<T>& network);
    template <class T> void take(const std::string& name, Network<T>& network) const;
    template <class T> void put(const std::string& name, const HostCopy<T>& array);
    template <class T> void take(const std::string& name, DeviceArray<T>& array) const;
    void put_text(const std::string& name, const std::string& value) { content_.metadata[name] = value; }
    const std::string& text(const std::string& name) const;
    void put(const std::string& name, std::int64_t value) { content_.metadata[name] = std::to_string(value); }
    std::int64_t number(const std::string& name) const;
    /// Kept to the last bit.
    void put_real(const std::string& name, double value);
    double real(const std::string& name) const;

private:
    template <class T> std::vector<T> values(const std::string& name, std::int64_t count) const;

    template <class T> void put(const std::string& name, const std::vector<std::span<const T>>& parts);

    NamedTensors content_; ///< of the file that it was read from
    std::vector<TensorInPlace> put_;
    std::string file_ = "the state";
};

} // namespace poseaug
