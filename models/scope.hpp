#pragma once
#include "engine/grouped_matmul.hpp"
#include "engine/matmul.hpp"
#include "kernels/network/ops.hpp"
#include "models/network.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace poseaug {

/// How a forward pass treats its network.
struct Mode {
    bool train = false;   ///< batch statistics are used and move; dropout is active
    bool learn = false;   ///< parameters want gradients
    double dropout = 0.0; ///< rate; -1 selects the network's own rates, which may differ from layer to layer
    int groups = 1;       ///< the batch is this many equal runs of columns, each with batch statistics of its own
    RandomKey key;        ///< for dropout; streams from key.stream upwards are used
};

/// A batch norm and what is fused with it: residual + dropout(f(norm(x))).
struct NormOptions {
    double slope = 1.0;   ///< of f below zero: 1 is the identity, 0 ReLU, 0.01 leaky ReLU
    double dropout = 0.0; ///< rate
    Var residual = {};
    double eps = 1e-5;
};

/// One forward pass of a network on a tape: finds parameters by name and composes layers from engine ops.
template <class T> class Scope {
public:
    Scope(Tape<T>& tape, Network<T>& network, const Mode& mode) : tape_(tape), network_(network), mode_(mode) {}

    Tape<T>& tape() { return tape_; }
    const Mode& mode() const { return mode_; }
    bool has(const std::string& name) const { return network_.has(name); }

    /// The parameter as a tensor of this tape; absent if the network has none of that name.
    Var parameter(const std::string& name) { return parameter(Names{name}); }
    /// Arrays that the layout stacked as one tensor. Throws Error if one of them was used otherwise in this pass, since
    /// their gradients would overwrite each other.
    Var parameter(const Names& names);
    /// W x, without bias.
    Var product(const std::string& layer, Var x) {
        return tape_.template apply<MatMul>({parameter(layer + ".weight"), x});
    }
    /// The same of layers that the layout stacked: each has its own rows of x and of the result, in the order given.
    Var product(const Names& layers, Var x);
    /// f(W x + b + residual).
    Var linear(const std::string& layer, Var x, double slope = 1.0, Var residual = {}) {
        return activation(layer, product(layer, x), slope, residual);
    }
    Var linear(const Names& layers, Var x, double slope = 1.0, Var residual = {}) {
        return activation(layers, product(layers, x), slope, residual);
    }
    /// f(x + b + residual) with the biases of a layer, or of stacked ones.
    Var activation(const std::string& layer, Var x, double slope = 1.0, Var residual = {}) {
        return activation(Names{layer}, x, slope, residual);
    }
    Var activation(const Names& layers, Var x, double slope = 1.0, Var residual = {}) {
        return tape_.template apply<BiasActivation>({x, parameter(with_suffix(layers, ".bias")), residual}, {slope});
    }
    /// residual + dropout(f(norm(x + linear_bias))). A bias of the layer before is given here rather than added to x: it
    /// cancels while training but for the running mean.
    Var norm(const std::string& name, Var x, const NormOptions& options = {}, Var linear_bias = {}) {
        return norm(Names{name}, x, options, linear_bias);
    }
    Var norm(const Names& names, Var x, const NormOptions& options = {}, Var linear_bias = {});
    /// residual + dropout(f(norm(W x + b))).
    Var linear_norm(const std::string& layer, const std::string& name, Var x, const NormOptions& options = {}) {
        return norm(name, product(layer, x), options, parameter(layer + ".bias"));
    }
    Var linear_norm(const Names& layers, const Names& names, Var x, const NormOptions& options = {}) {
        return norm(names, product(layers, x), options, parameter(with_suffix(layers, ".bias")));
    }
    /// `product` and `linear_norm` of a convolution of width 1: by cuDNN on a device opened for it. The norm is cuDNN's
    /// while training; in evaluation it is a scale and a shift, which our own op makes one pass with what follows.
    Var convolution(const std::string& layer, Var x);
    Var convolution_norm(const std::string& layer, const std::string& name, Var x, const NormOptions& options = {});
    Var dropout(Var x, double rate);
    /// The rate of a layer whose rate of the network's own is `own` (see Mode).
    double dropout_rate(double own) const { return mode_.dropout < 0 ? own : mode_.dropout; }

    /// Masks (1 keeps) for the dropout layers in order of use, instead of random ones.
    void give_masks(std::vector<View<T>> masks) { masks_ = std::move(masks); }

private:
    /// Whence the next dropout of this pass takes its decisions, with its mask where masks were given.
    std::pair<Dropout, Var> next_dropout(double rate);
    Var norm_by_cudnn(const std::string& name, Var x, const NormOptions& options);

    Tape<T>& tape_;
    Network<T>& network_;
    Mode mode_;
    std::map<std::string, Var> parameters_; ///< by array; those that are used as one have one tensor
    std::vector<View<T>> masks_;
    std::size_t dropouts_ = 0;
};

extern template class Scope<float>;
extern template class Scope<double>;

} // namespace poseaug
