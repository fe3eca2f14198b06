#include "models/scope.hpp"

#include "engine/cudnn.hpp"

namespace poseaug {

template <class T> Var Scope<T>::parameter(const std::string& name) {
    if (!network_.has(name)) return {};
    const auto [found, is_new] = parameters_.try_emplace(name);
    if (is_new)
        found->second = mode_.learn ? tape_.parameter(network_.value(name), network_.gradient(name), network_.version())
                                    : tape_.constant(network_.value(name));
    return found->second;
}

template <class T> std::pair<Dropout, Var> Scope<T>::next_dropout(double rate) {
    if (!mode_.train || rate <= 0) return {};
    Dropout dropout{rate, mode_.key};
    dropout.key.stream += static_cast<std::uint32_t>(dropouts_);
    const Var mask = masks_.empty() ? Var{} : tape_.constant(masks_.at(dropouts_));
    ++dropouts_;
    return {dropout, mask};
}

template <class T> Var Scope<T>::norm(const std::string& name, Var x, const NormOptions& options, Var linear_bias) {
    const auto [dropout, mask] = next_dropout(options.dropout);
    BatchNorm p;
    p.eps = options.eps;
    p.slope = options.slope;
    p.groups = mode_.groups;
    p.train = mode_.train ? 1 : 0;
    p.dropout = dropout;
    return tape_.template apply<BatchNorm>(
        {x, parameter(name + ".weight"), parameter(name + ".bias"), linear_bias, options.residual, mask}, p,
        {network_.value(name + ".running_mean"), network_.value(name + ".running_var")});
}

template <class T> Var Scope<T>::convolution(const std::string& layer, Var x) {
    if (!tape_.stream().device().has_cudnn()) return product(layer, x);
    return tape_.apply(cudnn_convolution_op(), {parameter(layer + ".weight"), x});
}

template <class T>
Var Scope<T>::convolution_norm(const std::string& layer, const std::string& name, Var x, const NormOptions& options) {
    const Var y = convolution(layer, x), linear_bias = parameter(layer + ".bias");
    const bool by_cudnn = tape_.stream().device().has_cudnn() && mode_.train && !linear_bias;
    return by_cudnn ? norm_by_cudnn(name, y, options) : norm(name, y, options, linear_bias);
}

template <class T> Var Scope<T>::norm_by_cudnn(const std::string& name, Var x, const NormOptions& options) {
    BatchNorm p;
    p.eps = options.eps;
    p.groups = mode_.groups;
    const Var normed =
        tape_.apply(cudnn_batch_norm_op(), {x, parameter(name + ".weight"), parameter(name + ".bias")},
                    Attributes::of(p), {network_.value(name + ".running_mean"), network_.value(name + ".running_var")});
    const Var y = dropout(tape_.template apply<BiasActivation>({normed}, {options.slope}), options.dropout);
    return options.residual ? tape_.template apply<BiasActivation>({y, {}, options.residual}) : y;
}

template <class T> Var Scope<T>::dropout(Var x, double rate) {
    const auto [dropout, mask] = next_dropout(rate);
    return dropout.rate > 0 ? tape_.template apply<Dropout>({x, mask}, dropout) : x;
}

template class Scope<float>;
template class Scope<double>;

} // namespace poseaug
