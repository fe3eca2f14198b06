#pragma once
#include "models/network.hpp"
#include "tests/support.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace poseaug::parity {

using Arrays = std::map<std::string, std::vector<double>>;

/// One .npz parity case: arrays by key, batch first.
class Case {
public:
    explicit Case(const std::filesystem::path& file);
    const std::string& name() const { return name_; }
    bool has(const std::string& key) const { return values_.count(key) > 0; }
    const std::vector<double>& values(const std::string& key) const;
    double scalar(const std::string& key) const { return values(key).at(0); }
    const std::vector<std::int64_t>& shape(const std::string& key) const { return shapes_.at(key); }
    /// All arrays whose key starts with "<prefix>.", by the rest of the key.
    Arrays under(const std::string& prefix) const;

private:
    std::string name_;
    Arrays values_;
    std::map<std::string, std::vector<std::int64_t>> shapes_;
};

double largest(const std::vector<double>& values);
/// Largest absolute value of all arrays.
double largest(const Arrays& arrays);

/// What to compare gradients with at the least: one that is zero in exact arithmetic (of a bias before batch norm) is
/// rounding in the reference, up to some 1e-14 of the network's largest.
inline double rounding_floor(const Arrays& gradients) { return 1e-5 * largest(gradients); }

/// Checks max|found - expected| <= tolerance * max(max|expected|, floor).
void check_close(const std::string& what, const std::vector<double>& found, const std::vector<double>& expected,
                 double tolerance, double floor = 0);
/// The same for arrays by name; every expected one must be found.
void check_all_close(const std::string& what, const Arrays& found, const Arrays& expected, double tolerance,
                     double floor = 0);

/// A device with what a case needs to run ops on it in precision T.
template <class T> class Bench {
public:
    explicit Bench(Device& device)
        : device_(device), stream(device), arena(device, std::size_t{4} << 20), tape(stream, arena) {}

    /// A key's array as a tensor of (product of the dimensions behind the first, batch).
    View<T> matrix(const Case& c, const std::string& key) {
        return matrix(c.values(key), c.shape(key).empty() ? 1 : c.shape(key)[0]);
    }
    View<T> matrix(const std::vector<double>& batch_first, std::int64_t batch) {
        const View<T> view = arena.matrix<T>(static_cast<int>(static_cast<std::int64_t>(batch_first.size()) / batch),
                                             static_cast<int>(batch));
        test::upload(device_, view, batch_first);
        return view;
    }
    Var variable(const Case& c, const std::string& key) { return tape.variable(matrix(c, key)); }
    Var constant(const Case& c, const std::string& key) { return tape.constant(matrix(c, key)); }
    std::vector<double> value(Var v) { return test::download(device_, tape.value(v)); }
    std::vector<double> gradient(Var v) {
        const View<T> g = tape.gradient(v);
        return g ? test::download(device_, g)
                 : std::vector<double>(static_cast<std::size_t>(tape.value(v).size()), 0.0);
    }
    Device& device() { return device_; }

private:
    Device& device_;

public:
    Stream<T> stream;
    Arena arena;
    Tape<T> tape;
};

/// A network of `layout` with the case's parameters "p.<net>.*".
template <class T> Network<T> network_of(Device& device, const Case& c, const std::string& net, const Layout& layout) {
    Network<T> network(device, layout);
    network.load(c.under("p." + net));
    return network;
}

/// How closely float64 and float32 must agree with the reference.
template <class T> constexpr double tolerance() { return sizeof(T) == 8 ? 1e-9 : 1e-3; }

/// Runs one case if its kind is known; false if not.
template <class T> bool run_geometry(Device& device, const Case& c);
template <class T> bool run_networks(Device& device, const Case& c);
template <class T> bool run_training(Device& device, const Case& c);

} // namespace poseaug::parity
