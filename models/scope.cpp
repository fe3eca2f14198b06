#include "models/scope.hpp"

#include "engine/cudnn.hpp"

#include <algorithm>
#include <array>

namespace poseaug {

template <class T> Var Scope<T>::parameter(const Names& names) {
    if (!network_.has(names.front())) return {};
    const View<T> value = network_.value(names);
    const auto found = parameters_.find(names.front());
    const bool known = found != parameters_.end();
    Var v;
    if (known) v = found->second;
    else if (mode_.learn) v = tape_.parameter(value, network_.gradient(names), network_.version());
    else v = tape_.constant(value);
    bool alike = tape_.value(v).data == value.data && tape_.value(v).rows == value.rows;
    for (const std::string& name : names) alike = alike && parameters_.try_emplace(name, v).second != known;
    if (!alike) throw Error("'" + names.front() + "' is used by itself and as part of a stack in one pass");
    return v;
}

template <class T> Var Scope<T>::product(const Names& layers, Var x) {
    const Names weights = with_suffix(layers, ".weight");
    GroupedMatMul groups;
    std::array<Var, kMaxWeightStacks> stacks;
    std::size_t count = 0;
    for (auto begin = weights.begin(); begin != weights.end();) {
        const Shape shape = network_.value(*begin).shape();
        const auto end = std::find_if(
            begin, weights.end(), [&](const std::string& weight) { return network_.value(weight).shape() != shape; });
        if (count == stacks.size())
            throw Error("'" + layers.front() + "' and those beside it have too many shapes; at most " +
                        std::to_string(kMaxWeightStacks) + " runs of equal ones can be multiplied together");
        groups.groups[count] = static_cast<std::int32_t>(end - begin);
        stacks[count++] = parameter(Names(begin, end));
        begin = end;
    }
    return tape_.template apply<GroupedMatMul>({x, stacks[0], stacks[1], stacks[2], stacks[3]}, groups);
}

template <class T> std::pair<Dropout, Var> Scope<T>::next_dropout(double rate) {
    if (!mode_.train || rate <= 0) return {};
    Dropout dropout{rate, mode_.key};
    dropout.key.stream += static_cast<std::uint32_t>(dropouts_);
    const Var mask = masks_.empty() ? Var{} : tape_.constant(masks_.at(dropouts_));
    ++dropouts_;
    return {dropout, mask};
}

template <class T> Var Scope<T>::norm(const Names& names, Var x, const NormOptions& options, Var linear_bias) {
    const auto [dropout, mask] = next_dropout(options.dropout);
    BatchNorm p;
    p.eps = options.eps;
    p.slope = options.slope;
    p.groups = mode_.groups;
    p.train = mode_.train ? 1 : 0;
    p.dropout = dropout;
    return tape_.template apply<BatchNorm>(
        {x, parameter(with_suffix(names, ".weight")), parameter(with_suffix(names, ".bias")), linear_bias,
         options.residual, mask},
        p, {network_.value(with_suffix(names, ".running_mean")), network_.value(with_suffix(names, ".running_var"))});
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
