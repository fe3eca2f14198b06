#include "engine/tape.hpp"

#include <algorithm>

namespace poseaug {

namespace {
/// Stands in the list of what ran for a tensor that was split; it has no code, since nothing is moved.
const Op& split_rows_op() {
    static const Op op = [] {
        Op split;
        split.name = "split_rows";
        return split;
    }();
    return op;
}
} // namespace

template <class T> Var Tape<T>::parameter(View<T> value, View<T> gradient, const std::uint64_t* version) {
    Slot slot{value, gradient, true};
    slot.leaf = true;
    slot.watched = version;
    return add(slot);
}

template <class T>
std::array<Var, kMaxOutputs> Tape<T>::apply_all(const Op& op, std::initializer_list<Var> inputs,
                                                const Attributes& attributes, std::initializer_list<View<T>> states) {
    if (static_cast<int>(inputs.size()) > op.inputs || static_cast<int>(states.size()) != op.states)
        throw Error(std::string(op.name) + ": takes " + std::to_string(op.inputs) + " inputs and " +
                    std::to_string(op.states) + " states, was given " + std::to_string(inputs.size()) + " and " +
                    std::to_string(states.size()));
    Node node{};
    node.op = &op;
    node.call.attributes = attributes;
    std::fill(std::begin(node.in), std::end(node.in), -1);
    std::fill(std::begin(node.out), std::end(node.out), -1);
    Shape in[kMaxInputs], out[kMaxOutputs];
    bool wanted = false;
    int i = 0;
    for (const Var v : inputs) {
        if (v) {
            const Slot& slot = at(v.id);
            if (slot.split) throw Error(std::string(op.name) + ": given a tensor that was split; use its parts");
            check_joined(op, slot);
            node.in[i] = v.id;
            node.in_version[i] = version_of(v.id);
            node.call.in[i] = slot.value;
            in[i] = slot.value.shape();
            wanted |= slot.wanted && (op.differentiable >> i & 1U);
            if (slot.wanted && std::find(node.in, node.in + i, v.id) != node.in + i)
                throw Error(std::string(op.name) +
                            ": one tensor given as two inputs; their gradients would overwrite each other");
        }
        ++i;
    }
    std::copy(states.begin(), states.end(), node.call.state);
    op.shapes(attributes, in, out);
    std::array<Var, kMaxOutputs> result;
    for (int k = 0; k < op.outputs; ++k) {
        Slot slot;
        slot.value = node.call.out[k] = arena_.matrix<T>(out[k].rows, out[k].cols);
        slot.wanted = wanted && !op.weight && !(op.auxiliary >> k & 1U);
        if (stream_.is_aside()) slot.sent_beside = stream_.joins();
        result[static_cast<std::size_t>(k)] = add(slot);
        node.out[k] = result[static_cast<std::size_t>(k)].id;
        node.out_version[k] = 0;
    }
    if (op.scratch)
        node.call.scratch =
            static_cast<T*>(arena_.allocate(static_cast<std::size_t>(op.scratch(attributes, in)) * sizeof(T)));
    if (op.weight) {
        ask_for_gradients(node, node.call, wanted_gradients(node));
        stream_.run(op, Direction::value, node.call);
        note_gradients(node, node.call);
    } else {
        stream_.run(op, Direction::value, node.call);
    }
    nodes_.push_back(node);
    return result;
}

template <class T> std::array<Var, kMaxOutputs> Tape<T>::split_rows(Var whole, std::initializer_list<int> rows) {
    const View<T> value = at(whole.id).value;
    const bool wanted = at(whole.id).wanted;
    int sum = 0;
    for (const int count : rows) sum += count;
    if (rows.size() > kMaxOutputs || sum != value.rows)
        throw Error("split_rows: " + std::to_string(rows.size()) + " parts of " + std::to_string(sum) +
                    " rows in all; expected at most " + std::to_string(kMaxOutputs) + " of " +
                    std::to_string(value.rows));
    Node node{};
    node.op = &split_rows_op();
    std::fill(std::begin(node.in), std::end(node.in), -1);
    std::fill(std::begin(node.out), std::end(node.out), -1);
    node.in[0] = whole.id;
    at(whole.id).split = true;
    std::array<Var, kMaxOutputs> parts;
    int first = 0;
    std::size_t k = 0;
    for (const int count : rows) {
        Slot part{value.slice(first, count), {}, wanted};
        part.sent_beside = at(whole.id).sent_beside;
        part.whole = whole.id;
        part.first_row = first;
        parts[k] = add(part);
        node.out[k] = parts[k].id;
        first += count;
        ++k;
    }
    nodes_.push_back(node);
    return parts;
}

template <class T> void Tape<T>::fill(View<T> to, T value) {
    Call<T> call;
    call.attributes = Attributes::of(Fill{static_cast<double>(value)});
    call.out[0] = to;
    stream_.run(fill_procedure(), call);
}

template <class T> void Tape<T>::give_gradient(Slot& slot) {
    if (slot.gradient) return;
    if (slot.whole < 0) {
        slot.gradient = arena_.matrix<T>(slot.value.rows, slot.value.cols);
        return;
    }
    Slot& whole = at(slot.whole);
    give_gradient(whole);
    slot.gradient = whole.gradient.slice(slot.first_row, slot.value.rows);
}

template <class T> void Tape<T>::backward(std::initializer_list<std::pair<Var, View<T>>> cotangents) {
    if (done_) throw Error("tape: backward was already run; record the step anew");
    done_ = true;
    for (const auto& [v, cotangent] : cotangents) {
        Slot& slot = at(v.id);
        if (cotangent.shape() != slot.value.shape())
            throw Error("tape: a cotangent of " + std::to_string(cotangent.rows) + " x " +
                        std::to_string(cotangent.cols) + " for a tensor of " + std::to_string(slot.value.rows) + " x " +
                        std::to_string(slot.value.cols));
        if (slot.split || slot.whole >= 0)
            throw Error("tape: neither a tensor that was split nor a part of one takes a cotangent");
        if (!slot.wanted) continue;
        if (slot.written) throw Error("tape: a tensor that a loss was applied to takes no cotangent");
        slot.gradient = cotangent;
        slot.written = true;
    }
    run_backward();
}

template <class T> void Tape<T>::run_backward() {
    for (auto node = nodes_.rbegin(); node != nodes_.rend(); ++node) backward_node(*node);
    for (Slot& slot : slots_)
        if (slot.leaf && !slot.written) {
            fill(slot.gradient, T(0));
            slot.written = true;
        }
    stream_.join();
}

/// The gradient of a tensor that was split is complete once its parts' are.
template <class T> void Tape<T>::join_parts(const Node& split) {
    Slot& whole = at(split.in[0]);
    const auto parts = [&](const auto& f) {
        for (const int id : split.out)
            if (id >= 0) f(at(id));
    };
    parts([&](const Slot& part) { whole.written |= part.written; });
    if (!whole.written) return;
    parts([&](Slot& part) {
        if (part.written) return;
        give_gradient(part);
        fill(part.gradient, T(0));
    });
}

template <class T> void Tape<T>::backward_node(const Node& node) {
    if (node.op == &split_rows_op()) return join_parts(node);
    Call<T> call = node.call;
    bool arrives = false;
    for (int k = 0; k < node.op->outputs; ++k) {
        const Slot& slot = at(node.out[k]);
        if (slot.written) call.d_out[k] = slot.gradient;
        arrives |= slot.written;
    }
    if (!arrives) return;
    check_versions(node);
    const unsigned wanted = wanted_gradients(node), beside = gradients_beside(node, wanted);
    stream_.beside([&] { send_gradients(node, call, beside); }); // first, so as not to wait for the others
    send_gradients(node, call, wanted & ~beside);
}

template <class T> unsigned Tape<T>::wanted_gradients(const Node& node) const {
    unsigned wanted = 0;
    for (int i = 0; i < node.op->inputs; ++i)
        if (node.in[i] >= 0 && at(node.in[i]).wanted) wanted |= node.op->differentiable & 1U << i;
    return wanted;
}

/// Of these inputs of an op, the parameters whose gradients are products of their own: nothing on the tape reads them.
template <class T> unsigned Tape<T>::gradients_beside(const Node& node, unsigned inputs) const {
    if (!stream_.has_branches()) return 0;
    unsigned beside = inputs & node.op->separate;
    for (int i = 0; i < node.op->inputs; ++i)
        if (node.in[i] >= 0 && !at(node.in[i]).leaf) beside &= ~(1U << i);
    return beside;
}

/// Has the op's vjp store, or add, the gradients of these inputs.
template <class T> void Tape<T>::send_gradients(const Node& node, Call<T> call, unsigned inputs) {
    if (!inputs) return;
    ask_for_gradients(node, call, inputs);
    stream_.run(*node.op, Direction::vjp, call);
    note_gradients(node, call);
}

template <class T> void Tape<T>::ask_for_gradients(const Node& node, Call<T>& call, unsigned inputs) {
    call.accumulate = 0;
    for (int i = 0; i < node.op->inputs; ++i) {
        if (!(inputs >> i & 1U)) continue;
        Slot& slot = at(node.in[i]);
        give_gradient(slot);
        call.d_in[i] = slot.gradient;
        if (slot.written) call.accumulate |= 1U << i;
        if (slot.written && slot.gradient_beside) stream_.join();
        slot.gradient_beside = stream_.is_aside();
    }
}

template <class T> void Tape<T>::note_gradients(const Node& node, const Call<T>& call) {
    for (int i = 0; i < node.op->inputs; ++i)
        if (call.d_in[i]) at(node.in[i]).written = true;
}

template <class T> void Tape<T>::check_joined(const Op& op, const Slot& slot) const {
    if (!stream_.is_aside() && slot.sent_beside == stream_.joins())
        throw Error(std::string(op.name) + ": given a tensor that is computed beside this; join the stream before");
}

template <class T> std::uint64_t Tape<T>::version_of(int id) const {
    const Slot& slot = at(id);
    if (slot.whole >= 0) return version_of(slot.whole);
    return slot.version + (slot.watched ? *slot.watched : 0);
}

template <class T> void Tape<T>::check_versions(const Node& node) const {
    const auto stale = [&](const char* what, int i) {
        throw Error(std::string(node.op->name) + ": " + what + " " + std::to_string(i) +
                    " was overwritten after the forward saved it; its gradient would be wrong");
    };
    for (int i = 0; i < node.op->inputs; ++i)
        if (node.in[i] >= 0 && (node.op->saved_in >> i & 1U) && version_of(node.in[i]) != node.in_version[i])
            stale("input", i);
    for (int k = 0; k < node.op->outputs; ++k)
        if ((node.op->saved_out >> k & 1U) && version_of(node.out[k]) != node.out_version[k]) stale("output", k);
}

template class Tape<float>;
template class Tape<double>;

} // namespace poseaug
