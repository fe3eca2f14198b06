#pragma once
#include "engine/matmul.hpp"
#include "kernels/network/ops.hpp"
#include "models/network.hpp"

#include <map>
#include <string>
#include <vector>

namespace poseaug {

/// How a forward pass treats its network.
struct Mode {
    bool train = false;   ///< batch statistics are used and move; dropout is active
    bool learn = false;   ///< parameters want gradients
    double dropout = 0.0; ///< rate; a network may have rates of its own (-1 selects them)
    int groups = 1;       ///< the batch is this many equal runs of columns, each with batch statistics of its own
    RandomKey key;        ///< for dropout; streams from key.stream upwards are used
};

/// One forward pass of a network on a tape: finds parameters by name and composes layers from engine ops.
template <class T> class Scope {
public:
    Scope(Tape<T>& tape, Network<T>& network, const Mode& mode) : tape_(tape), network_(network), mode_(mode) {}

    Tape<T>& tape() { return tape_; }
    const Mode& mode() const { return mode_; }
    bool has(const std::string& name) const { return network_.has(name); }

    /// The parameter as a tensor of this tape; absent if the network has none of that name.
    Var parameter(const std::string& name);
    /// W x, without bias.
    Var product(const std::string& layer, Var x) {
        return tape_.template apply<MatMul>({parameter(layer + ".weight"), x});
    }
    /// W x + b.
    Var linear(const std::string& layer, Var x, double slope = 1.0, Var residual = {}) {
        return tape_.template apply<BiasActivation>({product(layer, x), parameter(layer + ".bias"), residual}, {slope});
    }
    /// residual + dropout(f(norm(W x + b))), f with the given slope below zero.
    Var linear_norm(const std::string& layer, const std::string& norm, Var x, double slope, Var residual = {},
                    double eps = 1e-5);

    /// Masks (1 keeps) for the dropout layers in order of use, instead of random ones.
    void give_masks(std::vector<View<T>> masks) { masks_ = std::move(masks); }

private:
    Tape<T>& tape_;
    Network<T>& network_;
    Mode mode_;
    std::map<std::string, Var> parameters_;
    std::vector<View<T>> masks_;
    std::size_t dropouts_ = 0;
};

extern template class Scope<float>;
extern template class Scope<double>;

} // namespace poseaug
