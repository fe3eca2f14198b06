#include "training/training_state.hpp"

#include <cstdio>

namespace poseaug {

TrainingState::TrainingState(const std::filesystem::path& file)
    : content_(read_safetensors(file)), file_(file.string()) {}

const std::string& TrainingState::text(const std::string& name) const {
    const auto found = content_.metadata.find(name);
    if (found == content_.metadata.end())
        throw Error(file_ + " lacks '" + name + "'; it is no training state of this version");
    return found->second;
}

std::int64_t TrainingState::number(const std::string& name) const {
    try {
        return std::stoll(text(name));
    } catch (const std::logic_error&) {
        throw Error(file_ + ": '" + name + "' is not a number: " + text(name));
    }
}

void TrainingState::put_real(const std::string& name, double value) {
    char hex[64];
    std::snprintf(hex, sizeof hex, "%a", value);
    content_.metadata[name] = hex;
}

double TrainingState::real(const std::string& name) const {
    try {
        return std::stod(text(name));
    } catch (const std::logic_error&) {
        throw Error(file_ + ": '" + name + "' is not a number: " + text(name));
    }
}

namespace {
std::vector<std::int32_t> convert(const Array& array, std::int32_t) {
    const auto values = array.integers();
    return {values.begin(), values.end()};
}
std::vector<float> convert(const Array& array, float) { return array.floats(); }
std::vector<double> convert(const Array& array, double) { return array.doubles(); }

/// As files have it: whole numbers of 64 bits.
template <class T> Array to_array(const std::vector<T>& values) {
    const std::vector<std::int64_t> shape = {static_cast<std::int64_t>(values.size())};
    if constexpr (std::is_integral_v<T>)
        return Array::of(shape, std::vector<std::int64_t>(values.begin(), values.end()));
    else return Array::of(shape, values);
}
} // namespace

template <class T> void TrainingState::put(const std::string& name, const HostCopy<T>& array) {
    content_.tensors.emplace_back(name, to_array(std::vector<T>(array.values().begin(), array.values().end())));
}

template <class T> std::vector<T> TrainingState::values(const std::string& name, std::int64_t count) const {
    const Array* found = content_.find(name);
    if (!found || found->size() != count)
        throw Error(file_ + ": '" + name + "' is " + (found ? found->describe() : "missing") + ", expected " +
                    std::to_string(count) + " elements; it is the state of another run");
    return convert(*found, T{});
}

template <class T> void TrainingState::take(const std::string& name, DeviceArray<T>& array) const {
    array.upload(values<T>(name, array.size()));
}

template <class T> void TrainingState::put(const std::string& name, const LearningNetworkCopy<T>& network) {
    content_.tensors.emplace_back(name + ".values", to_array(network.values()));
    content_.tensors.emplace_back(name + ".statistics", to_array(network.statistics()));
    content_.tensors.emplace_back(name + ".first_moment", to_array(network.first_moment()));
    content_.tensors.emplace_back(name + ".second_moment", to_array(network.second_moment()));
    put(name + ".steps", network.adam_state().step);
    put_real(name + ".rate", network.adam_state().rate);
}

template <class T> void TrainingState::take(const std::string& name, Network<T>& network) const {
    const auto take = [&](const char* part, DeviceArray<T>& array) {
        network.set_in_layout_order(array, values<T>(name + part, array.size()));
    };
    take(".values", network.values());
    take(".statistics", network.statistics());
    take(".first_moment", network.first_moment());
    take(".second_moment", network.second_moment());
    network.set_adam_state({number(name + ".steps"), real(name + ".rate")});
}

template void TrainingState::put(const std::string&, const LearningNetworkCopy<float>&);
template void TrainingState::put(const std::string&, const LearningNetworkCopy<double>&);
template void TrainingState::take(const std::string&, Network<float>&) const;
template void TrainingState::take(const std::string&, Network<double>&) const;
template void TrainingState::put(const std::string&, const HostCopy<float>&);
template void TrainingState::put(const std::string&, const HostCopy<double>&);
template void TrainingState::put(const std::string&, const HostCopy<std::int32_t>&);
template void TrainingState::take(const std::string&, DeviceArray<float>&) const;
template void TrainingState::take(const std::string&, DeviceArray<double>&) const;
template void TrainingState::take(const std::string&, DeviceArray<std::int32_t>&) const;

} // namespace poseaug
