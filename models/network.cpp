#include "models/network.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

namespace poseaug {

std::int64_t ParameterSpec::size() const {
    return std::accumulate(dims.begin(), dims.end(), std::int64_t{1}, std::multiplies<>());
}

Shape ParameterSpec::shape() const {
    const auto rows = std::accumulate(dims.begin(), dims.begin() + row_dims, std::int64_t{1}, std::multiplies<>());
    return {extent(name, rows), extent(name, size() / rows)};
}

void add_dense(Layout& layout, const std::string& name, int in, int out) {
    layout.push_back({name + ".weight", {out, in}, Init::dense_weight});
    layout.push_back({name + ".bias", {out}, Init::uniform, 1 / std::sqrt(in)});
}

void add_convolution(Layout& layout, const std::string& name, int in, int out, bool bias, int tail) {
    std::vector<int> dims = {out, in};
    dims.insert(dims.end(), static_cast<std::size_t>(tail), 1);
    layout.push_back({name + ".weight", dims, Init::uniform, 1 / std::sqrt(in)});
    if (bias) layout.push_back({name + ".bias", {out}, Init::uniform, 1 / std::sqrt(in)});
}

void add_norm(Layout& layout, const std::string& name, int channels, double weight) {
    layout.push_back({name + ".weight", {channels}, Init::constant, weight});
    layout.push_back({name + ".bias", {channels}, Init::constant, 0});
    layout.push_back({name + ".running_mean", {channels}, Init::constant, 0, false});
    layout.push_back({name + ".running_var", {channels}, Init::constant, 1, false});
}

Names with_suffix(Names names, const std::string& suffix) {
    for (std::string& name : names) name += suffix;
    return names;
}

void stack(Layout& layout, const Names& layers) {
    int place = 0;
    Names suffixes;
    for (const ParameterSpec& spec : layout) {
        place = std::max(place, spec.place);
        if (spec.name.starts_with(layers.front() + ".")) suffixes.push_back(spec.name.substr(layers.front().size()));
    }
    for (const std::string& suffix : suffixes)
        for (const std::string& name : with_suffix(layers, suffix)) {
            const auto found = std::ranges::find(layout, name, &ParameterSpec::name);
            if (found == layout.end()) throw Error("the layout has no '" + name + "' to stack");
            found->place = ++place;
        }
}

template <class T> Network<T>::Network(Device& device, const Layout& layout) : device_(device) {
    for (const ParameterSpec& spec : layout) {
        index_[spec.name] = placements_.size();
        placements_.push_back({spec, 0});
    }
    std::vector<Placement*> in_memory;
    for (Placement& p : placements_) in_memory.push_back(&p);
    std::ranges::stable_sort(in_memory, std::less{}, [](const Placement* p) { return p->spec.place; });
    std::int64_t learned = 0, statistics = 0;
    for (Placement* p : in_memory) {
        std::int64_t& end = p->spec.learned ? learned : statistics;
        p->offset = end;
        end += p->spec.size();
    }
    if (learned > kMaxExtent)
        throw Error("a network of " + std::to_string(learned) + " parameters is too large; choose a smaller width");
    values_ = DeviceArray<T>(device, learned);
    gradients_ = DeviceArray<T>(device, learned);
    first_moment_ = DeviceArray<T>(device, learned);
    second_moment_ = DeviceArray<T>(device, learned);
    statistics_ = DeviceArray<T>(device, statistics);
    adam_state_ = DeviceArray<AdamState>(device, 1);
    values_.zero();
    gradients_.zero();
    statistics_.zero();
    reset_adam();
}

namespace {
void draw(const ParameterSpec& spec, RandomKey key, std::vector<double>& values) {
    for (std::size_t i = 0; i < values.size(); i += 4) {
        const PhiloxBlock b = key.block(static_cast<std::uint32_t>(i / 4), 0);
        float normal[4];
        normal_draws(b, normal);
        for (std::size_t k = i; k < std::min(values.size(), i + 4); ++k) {
            if (spec.init == Init::dense_weight) values[k] = normal[k - i] * std::sqrt(2.0 / spec.shape().cols);
            if (spec.init == Init::uniform) values[k] = (2.0 * uniform24(b.word[k - i]) - 1.0) * spec.bound;
            if (spec.init == Init::constant) values[k] = spec.bound;
        }
    }
}
} // namespace

template <class T> void Network<T>::initialise(std::uint64_t seed) {
    std::map<std::string, std::vector<double>> all;
    std::uint32_t stream = 0;
    for (const Placement& p : placements_) {
        auto& values = all[p.spec.name];
        values.resize(static_cast<std::size_t>(p.spec.size()));
        draw(p.spec, {seed, nullptr, stream++}, values);
    }
    load(all);
}

template <class T> void Network<T>::load(const std::map<std::string, std::vector<double>>& values) {
    for (const auto& [name, array] : values)
        if (!has(name)) throw Error("weights hold '" + name + "', which this network has not");
    for (const Placement& p : placements_) {
        const auto found = values.find(p.spec.name);
        if (found == values.end()) throw Error("weights lack '" + p.spec.name + "'");
        if (static_cast<std::int64_t>(found->second.size()) != p.spec.size())
            throw Error("weights give '" + p.spec.name + "' " + std::to_string(found->second.size()) +
                        " elements; this network needs " + std::to_string(p.spec.size()));
    }
    for (const Placement& p : placements_) {
        const auto& from = values.at(p.spec.name);
        const std::vector<T> converted(from.begin(), from.end());
        T* to = (p.spec.learned ? values_ : statistics_).data() + p.offset;
        device_.upload(to, converted.data(), converted.size() * sizeof(T));
    }
    ++version_;
}

namespace {
template <class T>
std::map<std::string, std::vector<double>> by_name(const std::vector<Placement>& placements,
                                                   const std::vector<T>& learned, const std::vector<T>* statistics) {
    std::map<std::string, std::vector<double>> all;
    for (const Placement& p : placements) {
        if (!p.spec.learned && !statistics) continue;
        const auto from = (p.spec.learned ? learned : *statistics).begin() + p.offset;
        all[p.spec.name].assign(from, from + p.spec.size());
    }
    return all;
}
} // namespace

template <class T> std::map<std::string, std::vector<double>> Network<T>::save() const {
    const std::vector<T> statistics = statistics_.download();
    return by_name(placements_, values_.download(), &statistics);
}

template <class T> std::map<std::string, std::vector<double>> Network<T>::gradients() const {
    return by_name<T>(placements_, gradients_.download(), nullptr);
}

template <class T> const Placement& Network<T>::placement(const std::string& name) const {
    const auto found = index_.find(name);
    if (found == index_.end()) throw Error("the network has no parameter '" + name + "'");
    return placements_[found->second];
}

template <class T> typename Network<T>::Extent Network<T>::extent(const Names& names) const {
    const Placement& first = placement(names.front());
    const Shape shape = first.spec.shape();
    Extent e{first.offset, 0, shape.cols, first.spec.learned};
    for (const std::string& name : names) {
        const Placement& next = placement(name);
        if (next.spec.learned != e.learned || next.spec.shape().cols != e.cols ||
            next.offset != e.offset + static_cast<std::int64_t>(e.rows) * e.cols)
            throw Error("'" + name + "' does not continue '" + names.front() +
                        "' in memory, row by row; have the layout stack their layers");
        e.rows += next.spec.shape().rows;
    }
    return e;
}

template <class T> View<T> Network<T>::value(const Names& names) const {
    const Extent e = extent(names);
    return {(e.learned ? values_ : statistics_).data() + e.offset, e.rows, e.cols, e.cols};
}

template <class T> View<T> Network<T>::gradient(const Names& names) const {
    const Extent e = extent(names);
    return {gradients_.data() + e.offset, e.rows, e.cols, e.cols};
}

template <class T> void Network<T>::set_in_layout_order(DeviceArray<T>& flat, const std::vector<T>& values) {
    std::vector<T> to(values.size());
    auto from = values.begin();
    for (const Placement& p : placements_) {
        if (p.spec.learned != (flat.data() != statistics_.data())) continue;
        std::copy_n(from, p.spec.size(), to.begin() + p.offset);
        from += p.spec.size();
    }
    flat.upload(to);
}

template <class T> void Network<T>::adam_step(Stream<T>& stream, Arena& arena, const Adam& settings) {
    const auto flat = [](const DeviceArray<T>& a) {
        return View<T>{a.data(), 1, static_cast<int>(a.size()), a.size()};
    };
    Adam adam = settings;
    adam.state = adam_state_.data();
    Call<T> call;
    call.attributes = Attributes::of(adam);
    call.in[0] = flat(gradients_);
    call.state[0] = flat(values_);
    call.state[1] = flat(first_moment_);
    call.state[2] = flat(second_moment_);
    call.scratch = static_cast<T*>(arena.allocate(static_cast<std::size_t>(adam_scratch(learned())) * sizeof(T)));
    stream.run(adam_procedure(), call);
    ++version_;
}

template <class T> void Network<T>::set_rate(double rate) {
    device_.upload(&adam_state_.data()->rate, &rate, sizeof rate);
}

template <class T> void Network<T>::reset_adam() {
    first_moment_.zero();
    second_moment_.zero();
    set_adam_state({});
}

template class Network<float>;
template class Network<double>;

} // namespace poseaug
