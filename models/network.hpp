#pragma once
#include "engine/device.hpp"
#include "engine/tape.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace poseaug {

/// How a parameter or running statistic starts (method section 2).
enum class Init {
    dense_weight, ///< normal, std sqrt(2 / fan_in)
    uniform,      ///< uniform in +- `bound`
    constant      ///< `bound` itself
};

/// One named array of a network, as the public checkpoints name and shape it.
struct ParameterSpec {
    std::string name;
    std::vector<int> dims;
    Init init = Init::constant;
    double bound = 0;
    bool learned = true; ///< false: a running statistic
    int row_dims = 1;    ///< how many of the dimensions count rows where the array is a matrix
    int place = 0;       ///< arrays lie in memory by this number, and equal ones in the order of the layout

    std::int64_t size() const;
    /// As a matrix: the first `row_dims` dimensions by all others. (C) is (C, 1).
    Shape shape() const;
};
using Layout = std::vector<ParameterSpec>;

/// Adds a dense layer's weight and bias; `in` inputs, `out` outputs.
void add_dense(Layout& layout, const std::string& name, int in, int out);
/// Adds a convolution of width 1 with weight (out, in, 1, ...): `tail` ones follow.
void add_convolution(Layout& layout, const std::string& name, int in, int out, bool bias, int tail);
/// Adds a batch norm's weight, which starts as `weight`, bias, running mean and variance.
void add_norm(Layout& layout, const std::string& name, int channels, double weight = 1);

using Names = std::vector<std::string>;

/// `suffix` behind each of some names, such as those of layers.
Names with_suffix(Names names, const std::string& suffix);

/// Lays the arrays of these layers one after another in memory, all weights, then all biases and so on, so that the
/// layers can be used as one (Network::value). Files and initial values keep the order of the layout. Throws Error if a
/// layer lacks an array that the first one has.
void stack(Layout& layout, const Names& layers);

/// Where a network's array starts in the flat arena of the learned ones or in that of the statistics.
struct Placement {
    ParameterSpec spec;
    std::int64_t offset = 0;
};

/// Parameters on a device: values, gradients and Adam's two moments are four flat arrays in one order, so that clipping
/// is one reduction and Adam one pass. Running statistics lie in a fifth.
template <class T> class Network {
public:
    Network(Device& device, const Layout& layout);

    /// Draws initial values: the same seed gives the same values on any device.
    void initialise(std::uint64_t seed);
    /// Values by name, row-major, as a file holds them. Throws Error for a missing or unknown name or a wrong size, and
    /// then changes nothing.
    void load(const std::map<std::string, std::vector<double>>& values);
    std::map<std::string, std::vector<double>> save() const;
    /// Gradients by name.
    std::map<std::string, std::vector<double>> gradients() const;

    const std::vector<Placement>& placements() const { return placements_; }
    bool has(const std::string& name) const { return index_.count(name) > 0; }
    View<T> value(const std::string& name) const { return value(Names{name}); }
    View<T> gradient(const std::string& name) const { return gradient(Names{name}); }
    /// Arrays of equal row length as one matrix, one above the other. Throws Error unless they lie so (see `stack`).
    View<T> value(const Names& names) const;
    View<T> gradient(const Names& names) const;
    std::int64_t learned() const { return values_.size(); }
    Device& device() const { return device_; }

    DeviceArray<T>& values() { return values_; }
    DeviceArray<T>& statistics() { return statistics_; }
    DeviceArray<T>& first_moment() { return first_moment_; }
    DeviceArray<T>& second_moment() { return second_moment_; }
    const DeviceArray<T>& values() const { return values_; }
    const DeviceArray<T>& statistics() const { return statistics_; }
    const DeviceArray<T>& first_moment() const { return first_moment_; }
    const DeviceArray<T>& second_moment() const { return second_moment_; }
    const DeviceArray<AdamState>& adam_array() const { return adam_state_; }
    /// Fills one of these flat arrays from `values`, as many, whose parts are in the order of the layout, as a file has
    /// them.
    void set_in_layout_order(DeviceArray<T>& flat, const std::vector<T>& values);

    /// One Adam step on the gradients as they are (see Adam). `rate` takes effect from the next step on.
    void adam_step(Stream<T>& stream, Arena& arena, const Adam& settings);
    void set_rate(double rate);
    AdamState adam_state() const { return adam_state_.download()[0]; }
    void set_adam_state(const AdamState& state) { adam_state_.upload({state}); }
    /// New moments and step count, as a new optimiser has them.
    void reset_adam();
    /// Changes whenever the values do.
    const std::uint64_t* version() const { return &version_; }

private:
    struct Extent {
        std::int64_t offset;
        int rows, cols;
        bool learned;
    };
    const Placement& placement(const std::string& name) const;
    Extent extent(const Names& names) const;

    Device& device_;
    std::vector<Placement> placements_; ///< in the order of the layout
    std::map<std::string, std::size_t> index_;
    DeviceArray<T> values_, gradients_, first_moment_, second_moment_, statistics_;
    DeviceArray<AdamState> adam_state_;
    std::uint64_t version_ = 0;
};

extern template class Network<float>;
extern template class Network<double>;

} // namespace poseaug
