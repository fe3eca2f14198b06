#include "models/scope.hpp"

namespace poseaug {

template <class T> Var Scope<T>::parameter(const std::string& name) {
    if (!network_.has(name)) return {};
    const auto [found, is_new] = parameters_.try_emplace(name);
    if (is_new)
        found->second = mode_.learn ? tape_.parameter(network_.value(name), network_.gradient(name), network_.version())
                                    : tape_.constant(network_.value(name));
    return found->second;
}

template <class T>
Var Scope<T>::linear_norm(const std::string& layer, const std::string& norm, Var x, double slope, Var residual,
                          double eps) {
    BatchNorm p;
    p.eps = eps;
    p.slope = slope;
    p.groups = mode_.groups;
    p.train = mode_.train ? 1 : 0;
    Var mask;
    if (mode_.train && mode_.dropout > 0) {
        p.dropout.rate = mode_.dropout;
        p.dropout.key = mode_.key;
        p.dropout.key.stream += static_cast<std::uint32_t>(dropouts_);
        if (!masks_.empty()) mask = tape_.constant(masks_.at(dropouts_));
        ++dropouts_;
    }
    return tape_.template apply<BatchNorm>(
        {product(layer, x), parameter(norm + ".weight"), parameter(norm + ".bias"), parameter(layer + ".bias"),
         residual, mask},
        p, {network_.value(norm + ".running_mean"), network_.value(norm + ".running_var")});
}

template class Scope<float>;
template class Scope<double>;

} // namespace poseaug
