#include "engine/gradcheck.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <new>
#include <random>

namespace poseaug {

OperandMemory host_memory() {
    const auto copy = [](void* to, const void* from, std::size_t bytes) { std::memcpy(to, from, bytes); };
    const auto allocate = [](std::size_t bytes) {
        constexpr std::size_t alignment = kRowAlignment;
        void* p = std::aligned_alloc(alignment, (bytes + alignment) / alignment * alignment);
        if (p == nullptr) throw std::bad_alloc();
        return std::shared_ptr<void>(p, std::free);
    };
    return {allocate, copy, copy};
}

namespace {

using Values = std::vector<double>; // dense, row-major

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kStep = 1e-6; // of central differences

/// Two results agree to `relative` times the largest entry, or times `floor` where all entries are smaller.
struct Tolerance {
    double relative, floor;
};
constexpr Tolerance kFloat = {1e-3, 1e-3}; // float against double
constexpr Tolerance kSame = {1e-10, 1e-5}; // two double results that differ only by rounding

template <class T> T element(double value, double) { return static_cast<T>(value); }
template <> Dual<double> element<Dual<double>>(double value, double tangent) { return {value, tangent}; }

/// A padded matrix in the queue's memory; its padding is NaN, which an op must never interpret.
template <class T> struct Operand {
    std::shared_ptr<void> memory;
    View<T> view;

    static Operand of(const OperandMemory& where, Shape shape, const Values& values, const Values& tangents = {}) {
        Operand m;
        if (shape.rows == 0) return m;
        const std::int64_t stride = padded_stride<T>(shape.cols);
        std::vector<T> padded(static_cast<std::size_t>(shape.rows * stride), element<T>(kNan, kNan));
        for (int r = 0; r < shape.rows; ++r)
            for (int c = 0; c < shape.cols; ++c) {
                const std::size_t i = static_cast<std::size_t>(r) * shape.cols + c;
                padded[r * stride + c] =
                    element<T>(values.empty() ? kNan : values[i], tangents.empty() ? 0 : tangents[i]);
            }
        m.memory = where.allocate(padded.size() * sizeof(T));
        where.upload(m.memory.get(), padded.data(), padded.size() * sizeof(T));
        m.view = {static_cast<T*>(m.memory.get()), shape.rows, shape.cols, stride};
        return m;
    }

    /// Calls f(element) in dense row-major order.
    template <class F> void read(const OperandMemory& where, const F& f) const {
        if (!view) return;
        std::vector<T> padded(static_cast<std::size_t>(view.rows * view.stride));
        where.download(padded.data(), view.data, padded.size() * sizeof(T));
        for (int r = 0; r < view.rows; ++r)
            for (int c = 0; c < view.cols; ++c) f(padded[r * view.stride + c]);
    }
    Values values(const OperandMemory& where) const {
        Values v;
        read(where, [&](T x) { v.push_back(static_cast<double>(x)); });
        return v;
    }
};

bool all_finite(const std::vector<Values>& groups) {
    for (const Values& group : groups)
        for (double v : group)
            if (!std::isfinite(v)) return false;
    return true;
}

/// Sum of a_i b_i over the groups that both have, and of |a_i b_i|.
struct Product {
    double sum = 0, size = 0;
};
Product inner(const std::vector<Values>& a, const std::vector<Values>& b) {
    Product p;
    for (std::size_t g = 0; g < std::min(a.size(), b.size()); ++g)
        for (std::size_t i = 0; i < std::min(a[g].size(), b[g].size()); ++i) {
            p.sum += a[g][i] * b[g][i];
            p.size += std::abs(a[g][i] * b[g][i]);
        }
    return p;
}

double relative(double difference, double size) {
    return std::abs(difference) / std::max(size, std::numeric_limits<double>::min());
}

bool close(const Values& a, const Values& b, Tolerance tolerance) {
    if (a.size() != b.size()) return false;
    double largest = tolerance.floor;
    for (std::size_t i = 0; i < a.size(); ++i) largest = std::max({largest, std::abs(a[i]), std::abs(b[i])});
    for (std::size_t i = 0; i < a.size(); ++i)
        if (!(std::abs(a[i] - b[i]) <= tolerance.relative * largest)) return false;
    return true;
}
bool close(const std::vector<Values>& a, const std::vector<Values>& b, Tolerance tolerance) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [&](const Values& p, const Values& q) { return close(p, q, tolerance); });
}

std::string what_is_missing(const Op& op, bool cuda) {
    const auto lacks = [cuda](const auto& entry) { return (cuda ? entry.cuda : entry.cpu) == nullptr; };
    if (op.name.empty()) return "no name";
    if (op.source.empty()) return "no source of the formula";
    if (op.inputs < 1 || op.outputs < 1) return "no inputs or no outputs";
    if (op.shapes == nullptr) return "no shape function";
    if (lacks(op.f32.value) || lacks(op.f64.value)) return "no value function";
    if (op.differentiable != 0 && op.weight == nullptr && (lacks(op.f32.vjp) || lacks(op.f64.vjp))) return "no vjp";
    if (op.dual == nullptr) return "no value on dual numbers";
    if (op.make_samples == nullptr || op.samples().empty()) return "no samples";
    if (op.flops == nullptr) return "no count of operations";
    return missing_text(op.text, op.inputs, op.outputs, op.states);
}

/// One sample of one op: runs its entries on any scalar.
class Trial {
public:
    Trial(const Op& op, const Sample& sample, Queue& queue, const OperandMemory& memory)
        : op_(op), sample_(sample), queue_(queue), memory_(memory), in_(shapes_of(sample)), out_(op.outputs) {
        if (static_cast<int>(sample.in.size()) != op.inputs)
            throw Error("the sample has " + std::to_string(sample.in.size()) + " inputs, the op " +
                        std::to_string(op.inputs));
        if (static_cast<int>(sample.state.size()) != op.states)
            throw Error("the sample has " + std::to_string(sample.state.size()) + " states, the op " +
                        std::to_string(op.states));
        op.shapes(sample.attributes, in_.data(), out_.data());
    }

    bool differentiable(int i) const { return (op_.differentiable >> i & 1U) != 0 && in_[i].rows > 0; }
    bool passes_gradient(int j) const { return (op_.auxiliary >> j & 1U) == 0; }
    const std::vector<Shape>& out() const { return out_; }
    std::vector<Values> inputs() const {
        std::vector<Values> values;
        for (const auto& m : sample_.in) values.push_back(m.values);
        return values;
    }

    /// The outputs and then the states as the call left them, by the queue's entries.
    template <class T> std::vector<Values> value(const std::vector<Values>& in) {
        Call<T> call;
        const Operands<T> held = bind_forward(call, memory_, in, {});
        run(op_.entries<T>().value, call);
        auto values = download<T>(held.out);
        for (auto& state : download<T>(held.state)) values.push_back(std::move(state));
        return values;
    }

    /// The same on the host, and J u.
    std::pair<std::vector<Values>, std::vector<Values>> dual(const std::vector<Values>& tangents) {
        Queue host;
        host.pool = queue_.pool;
        Call<Dual<double>> call;
        const OperandMemory here = host_memory();
        const auto held = bind_forward(call, here, inputs(), tangents);
        op_.dual(host, call);
        std::pair<std::vector<Values>, std::vector<Values>> result;
        for (const auto* group : {&held.out, &held.state})
            for (const auto& operand : *group) {
                result.first.emplace_back();
                result.second.emplace_back();
                operand.read(here, [&](Dual<double> x) {
                    result.first.back().push_back(x.value);
                    result.second.back().push_back(x.tangent);
                });
            }
        return result;
    }

    /// The weights of a loss's outputs, by which its rows count in the total.
    Values loss_weights(int output) const {
        Values weights;
        for (int r = 0; r < out_[output].rows; ++r)
            weights.insert(weights.end(), static_cast<std::size_t>(out_[output].cols),
                           op_.weight(sample_.attributes, r));
        return weights;
    }

    /// J'w for the inputs in `wanted`, of the outputs in `given`; others are empty. `before`: to be added to. Of a loss,
    /// whose w are its weights: what its value writes, which must be the same value as without.
    template <class T>
    std::vector<Values> vjp(const std::vector<Values>& w, unsigned given, unsigned wanted,
                            const std::vector<Values>* before = nullptr) {
        Call<T> call;
        Operands<T> held = bind_forward(call, memory_, inputs(), {});
        if (op_.saved_out != 0) run(op_.entries<T>().value, call);
        if (op_.weight == nullptr) hide_unsaved(call, held);
        std::vector<Operand<T>> d_in(op_.inputs), d_out(op_.outputs);
        for (int j = 0; j < op_.outputs; ++j)
            if ((given >> j & 1U) != 0 && passes_gradient(j) && op_.weight == nullptr) {
                d_out[j] = Operand<T>::of(memory_, out_[j], w[j]);
                call.d_out[j] = d_out[j].view;
            }
        for (int i = 0; i < op_.inputs; ++i)
            if (differentiable(i) && (wanted >> i & 1U) != 0) {
                d_in[i] = Operand<T>::of(memory_, in_[i], before != nullptr ? (*before)[i] : Values{});
                call.d_in[i] = d_in[i].view;
                if (before != nullptr) call.accumulate |= 1U << i;
            }
        run(op_.weight != nullptr ? op_.entries<T>().value : op_.entries<T>().vjp, call);
        if (op_.weight != nullptr && download<T>(held.out) != value<T>(inputs()))
            throw Error("the loss is another one where gradients are written with it");
        return download<T>(d_in);
    }

private:
    template <class T> struct Operands {
        std::vector<Operand<T>> in, out, state;
        Operand<T> scratch;
    };

    static std::vector<Shape> shapes_of(const Sample& sample) {
        std::vector<Shape> shapes;
        for (const auto& m : sample.in) shapes.push_back(m.values.empty() ? Shape{} : Shape{m.rows, m.cols});
        return shapes;
    }

    template <class T>
    Operands<T> bind_forward(Call<T>& call, const OperandMemory& where, const std::vector<Values>& in,
                             const std::vector<Values>& tangents) const {
        Operands<T> held;
        call.attributes = sample_.attributes;
        for (int i = 0; i < op_.inputs; ++i) {
            held.in.push_back(Operand<T>::of(where, in_[i], in[i], tangents.empty() ? Values{} : tangents[i]));
            call.in[i] = held.in.back().view;
        }
        for (int j = 0; j < op_.outputs; ++j) {
            held.out.push_back(Operand<T>::of(where, out_[j], {}));
            call.out[j] = held.out.back().view;
        }
        for (int k = 0; k < op_.states; ++k) {
            const Sample::Matrix& initial = sample_.state[k];
            held.state.push_back(Operand<T>::of(where, {initial.rows, initial.cols}, initial.values));
            call.state[k] = held.state.back().view;
        }
        const std::int64_t scratch = op_.scratch != nullptr ? op_.scratch(sample_.attributes, in_.data()) : 0;
        if (scratch > 0) held.scratch = Operand<T>::of(where, {1, static_cast<int>(scratch)}, {});
        call.scratch = held.scratch.view.data;
        return held;
    }

    /// Puts NaN in place of what the row does not declare as saved for the vjp.
    template <class T> void hide_unsaved(Call<T>& call, Operands<T>& held) const {
        for (int i = 0; i < op_.inputs; ++i)
            if ((op_.saved_in >> i & 1U) == 0) {
                held.in[i] = Operand<T>::of(memory_, in_[i], {});
                call.in[i] = held.in[i].view;
            }
        for (int j = 0; j < op_.outputs; ++j)
            if ((op_.saved_out >> j & 1U) == 0) {
                held.out[j] = Operand<T>::of(memory_, out_[j], {});
                call.out[j] = held.out[j].view;
            }
    }

    template <class T> void run(const Entry<T>& entry, const Call<T>& call) {
        (queue_.cuda ? entry.cuda : entry.cpu)(queue_, call);
    }
    template <class T> std::vector<Values> download(const std::vector<Operand<T>>& operands) const {
        std::vector<Values> values;
        for (const auto& m : operands) values.push_back(m.values(memory_));
        return values;
    }

    const Op& op_;
    const Sample& sample_;
    Queue& queue_;
    const OperandMemory& memory_;
    std::vector<Shape> in_, out_;
};

Values random_values(std::size_t count, std::mt19937_64& random) {
    std::normal_distribution<double> normal;
    Values v(count);
    for (double& x : v) x = normal(random);
    return v;
}

std::vector<Values> moved(std::vector<Values> x, const std::vector<Values>& u, double step) {
    for (std::size_t g = 0; g < x.size(); ++g)
        for (std::size_t i = 0; i < std::min(x[g].size(), u[g].size()); ++i) x[g][i] += step * u[g][i];
    return x;
}

std::vector<Values> sum(std::vector<Values> a, const std::vector<Values>& b) {
    for (std::size_t g = 0; g < a.size(); ++g) {
        if (a[g].empty()) a[g].assign(b[g].size(), 0.0);
        for (std::size_t i = 0; i < b[g].size(); ++i) a[g][i] += b[g][i];
    }
    return a;
}

std::string scientific(double v) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1e", v);
    return text;
}

/// Fills the result and throws Error at the first check that fails.
class Examination {
public:
    Examination(const Op& op, const Sample& sample, Queue& queue, const OperandMemory& memory, GradcheckResult& result)
        : op_(op), sample_(sample), trial_(op, sample, queue, memory), result_(result), x_(trial_.inputs()) {
        std::mt19937_64 random(7);
        u_.resize(op.inputs);
        for (int i = 0; i < op.inputs; ++i)
            if (trial_.differentiable(i)) u_[i] = random_values(x_[i].size(), random);
        for (int j = 0; j < op.outputs; ++j) {
            const Shape shape = trial_.out()[j];
            const std::size_t size = trial_.passes_gradient(j) ? static_cast<std::size_t>(shape.rows) * shape.cols : 0;
            w_.push_back(op.weight != nullptr ? trial_.loss_weights(j) : random_values(size, random));
        }
        before_.resize(op.inputs);
        for (int i = 0; i < op.inputs; ++i) before_[i] = random_values(x_[i].size(), random);
    }

    void values() {
        y_ = trial_.value<double>(x_);
        const auto single = trial_.value<float>(x_);
        result_.finite = all_finite(y_) && all_finite(single);
        require(result_.finite, "a value is not finite");
        if (!sample_.smooth) return;
        require(close(y_, single, kFloat), "the float value differs from the double one");
        require(close(y_, trial_.dual(u_).first, kSame), "the value on dual numbers differs from the double one");
    }

    void gradients() {
        g_ = trial_.vjp<double>(w_, kAll, kAll);
        const auto single = trial_.vjp<float>(w_, kAll, kAll);
        result_.finite = all_finite(g_) && all_finite(single);
        require(result_.finite, "a gradient is not finite");
        if (!sample_.smooth) return;
        proof();
        require(close(g_, single, kFloat), "the float gradient differs from the double one");
    }

    /// The calling conventions of the tape.
    void conventions() {
        auto added = before_;
        for (int i = 0; i < op_.inputs; ++i)
            if (!trial_.differentiable(i)) added[i].clear();
        added = sum(added, g_);
        require(close(trial_.vjp<double>(w_, kAll, kAll, &before_), added, kSame), "accumulate does not add");
        if (op_.outputs > 1) {
            std::vector<Values> parts(op_.inputs);
            for (int j = 0; j < op_.outputs; ++j)
                if (trial_.passes_gradient(j)) parts = sum(parts, trial_.vjp<double>(w_, 1U << j, kAll));
            require(close(parts, g_, kSame), "a null output gradient does not count as zero");
        }
        for (int i = 0; i < op_.inputs; ++i)
            if (trial_.differentiable(i))
                require(close(trial_.vjp<double>(w_, kAll, 1U << i)[i], g_[i], kSame),
                        "the gradient of input " + std::to_string(i) + " changes when it is the only one wanted");
    }

private:
    static constexpr unsigned kAll = ~0U;

    void proof() {
        const auto [y, ju] = trial_.dual(u_);
        const Product forward = inner(ju, w_), backward = inner(u_, g_);
        const double size = forward.size + backward.size;
        result_.dual_error = relative(forward.sum - backward.sum, size);
        const auto ahead = trial_.value<double>(moved(x_, u_, kStep)),
                   behind = trial_.value<double>(moved(x_, u_, -kStep));
        const double slope = (inner(ahead, w_).sum - inner(behind, w_).sum) / (2 * kStep);
        // the quotient's own rounding is no error of the op's
        const double rounding = 1e-16 * inner(y, w_).size / kStep;
        result_.difference_error = relative(slope - forward.sum, size + rounding / sample_.difference);
        require(result_.dual_error <= sample_.tolerance,
                "<Ju, w> and <u, J'w> differ by " + scientific(result_.dual_error));
        require(result_.difference_error <= sample_.difference,
                "central differences are off by " + scientific(result_.difference_error));
    }

    static void require(bool holds, const std::string& otherwise) {
        if (!holds) throw Error(otherwise);
    }

    const Op& op_;
    const Sample& sample_;
    Trial trial_;
    GradcheckResult& result_;
    std::vector<Values> x_, u_, w_, before_, y_, g_;
};

GradcheckResult examine(const Op& op, const Sample& sample, Queue& queue, const OperandMemory& memory) {
    GradcheckResult result;
    result.op = op.name;
    result.sample = sample.label;
    try {
        Examination examination(op, sample, queue, memory, result);
        examination.values();
        if (op.differentiable != 0) {
            examination.gradients();
            examination.conventions();
        }
    } catch (const std::exception& failure) {
        result.passed = false;
        result.note = failure.what();
    }
    return result;
}

} // namespace

std::vector<GradcheckResult> gradcheck(const Op& op, Queue& queue, const OperandMemory& memory) {
    if (const std::string missing = what_is_missing(op, queue.cuda); !missing.empty()) {
        GradcheckResult result;
        result.op = op.name;
        result.passed = false;
        result.note = "incomplete registry row: " + missing;
        return {result};
    }
    std::vector<GradcheckResult> results;
    for (const Sample& sample : op.samples()) results.push_back(examine(op, sample, queue, memory));
    return results;
}

} // namespace poseaug
