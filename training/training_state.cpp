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

Array to_array(const std::vector<std::int32_t>& values) {
    return Array::of({static_cast<std::int64_t>(values.size())},
                     std::vector<std::int64_t>(values.begin(), values.end()));
}
template <class T> Array to_array(const std::vector<T>& values) {
    return Array::of({static_cast<std::int64_t>(values.size())}, values);
}
} // namespace

template <class T> void TrainingState::put(const std::string& name, DeviceArray<T>& array) {
    content_.tensors.emplace_back(name, to_array(array.download()));
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

namespace {
/// Calls f(name, array) for the flat arrays of a network.
template <class T, class F> void for_arrays(const std::string& name, Network<T>& network, const F& f) {
    f(name + ".values", network.values());
    f(name + ".statistics", network.statistics());
    f(name + ".first_moment", network.first_moment());
    f(name + ".second_moment", network.second_moment());
}
} // namespace

template <class T> void TrainingState::put(const std::string& name, Network<T>& network) {
    for_arrays(name, network, [&](const std::string& key, DeviceArray<T>& array) {
        content_.tensors.emplace_back(key, to_array(network.in_layout_order(array)));
    });
    put(name + ".steps", network.adam_state().step);
    put_real(name + ".rate", network.adam_state().rate);
}

template <class T> void TrainingState::take(const std::string& name, Network<T>& network) const {
    for_arrays(name, network, [&](const std::string& key, DeviceArray<T>& array) {
        network.set_in_layout_order(array, values<T>(key, array.size()));
    });
    network.set_adam_state({number(name + ".steps"), real(name + ".rate")});
}

template void TrainingState::put(const std::string&, Network<float>&);
template void TrainingState::put(const std::string&, Network<double>&);
template void TrainingState::take(const std::string&, Network<float>&) const;
template void TrainingState::take(const std::string&, Network<double>&) const;
template void TrainingState::put(const std::string&, DeviceArray<float>&);
template void TrainingState::put(const std::string&, DeviceArray<double>&);
template void TrainingState::put(const std::string&, DeviceArray<std::int32_t>&);
template void TrainingState::take(const std::string&, DeviceArray<float>&) const;
template void TrainingState::take(const std::string&, DeviceArray<double>&) const;
template void TrainingState::take(const std::string&, DeviceArray<std::int32_t>&) const;

} // namespace poseaug
