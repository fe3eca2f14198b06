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

constexpr ElementType type_of(std::int32_t) { return ElementType::i32; }
constexpr ElementType type_of(float) { return ElementType::f32; }
constexpr ElementType type_of(double) { return ElementType::f64; }
} // namespace

template <class T> void TrainingState::put(const std::string& name, const std::vector<std::span<const T>>& parts) {
    TensorInPlace tensor{name, type_of(T{}), {0}, {}};
    for (const auto& part : parts) {
        tensor.shape[0] += std::ssize(part);
        tensor.runs.push_back(std::as_bytes(part));
    }
    put_.push_back(std::move(tensor));
}

template <class T> void TrainingState::put(const std::string& name, const HostCopy<T>& array) {
    put<T>(name, std::vector{array.values()});
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
    put<T>(name + ".values", network.values());
    put<T>(name + ".statistics", network.statistics());
    put<T>(name + ".first_moment", network.first_moment());
    put<T>(name + ".second_moment", network.second_moment());
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
