#pragma once
#include "engine/arena.hpp"
#include "engine/registry.hpp"
#include "engine/stream.hpp"

#include <array>
#include <initializer_list>
#include <vector>

namespace poseaug {

/// A tensor on a tape. `{}` stands for an absent optional input.
struct Var {
    int id = -1;
    explicit operator bool() const { return id >= 0; }
};

/// Records ops as they run and runs them backward: reverse-mode differentiation over registered ops, none of which it
/// knows. Tensors are views into the arena (or into memory of the caller, which must outlive the tape). Gradients flow
/// only to tensors that ask for them. What was applied within Stream::beside may be used after a join, or beside again.
template <class T> class Tape {
public:
    /// An op that ran, with the ids of its tensors; -1 for an absent one.
    struct Node {
        const Op* op;
        Call<T> call;
        int in[kMaxInputs], out[kMaxOutputs];
        std::uint64_t in_version[kMaxInputs], out_version[kMaxOutputs];
    };

    Tape(Stream<T>& stream, Arena& arena) : stream_(stream), arena_(arena) {}

    /// A tensor that takes no gradient.
    Var constant(View<T> value) { return add({value, {}, false}); }
    /// A tensor whose gradient is wanted, in memory of the tape.
    Var variable(View<T> value) { return add({value, {}, true}); }
    /// A parameter: its gradient is stored (not added) to `gradient`, zeros included. `version` counts changes of the
    /// value, so that a backward after one is refused; null: not watched.
    Var parameter(View<T> value, View<T> gradient, const std::uint64_t* version = nullptr);

    /// Runs an op on tensors; returns its outputs. A loss leaves gradients with its inputs, to start the backward from.
    /// Throws Error if shapes do not fit.
    std::array<Var, kMaxOutputs> apply_all(const Op& op, std::initializer_list<Var> inputs,
                                           const Attributes& attributes = {},
                                           std::initializer_list<View<T>> states = {});
    /// The same, for the first output.
    Var apply(const Op& op, std::initializer_list<Var> inputs, const Attributes& attributes = {},
              std::initializer_list<View<T>> states = {}) {
        return apply_all(op, inputs, attributes, states)[0];
    }
    /// The same by op type, such as `tape.apply<Project>({joints, camera})`.
    template <class O>
    Var apply(std::initializer_list<Var> inputs, const params_of_t<O>& params = {},
              std::initializer_list<View<T>> states = {}) {
        return apply(find_op(O::name), inputs, Attributes::of(params), states);
    }
    template <class O>
    std::array<Var, kMaxOutputs> apply_all(std::initializer_list<Var> inputs, const params_of_t<O>& params = {}) {
        return apply_all(find_op(O::name), inputs, Attributes::of(params));
    }

    /// A tensor taken apart, without a copy, into up to kMaxOutputs runs of so many rows, which together are all of it.
    /// From here on only the parts may be used. Throws Error if the rows are not the tensor's.
    std::array<Var, kMaxOutputs> split_rows(Var whole, std::initializer_list<int> rows);

    /// Gradients, for every tensor that wants one, of the total of the losses that were applied (Op::weight), and of what
    /// has a cotangent, whose memory becomes that tensor's gradient. Once a tape. Gradients of parameters, which nothing
    /// waits for before the end, are computed beside the others where that is of use; the end joins them.
    void backward(std::initializer_list<std::pair<Var, View<T>>> cotangents = {});

    View<T> value(Var v) const { return slots_.at(static_cast<std::size_t>(v.id)).value; }
    /// Null where no gradient came.
    View<T> gradient(Var v) const {
        const Slot& slot = slots_.at(static_cast<std::size_t>(v.id));
        return slot.written ? slot.gradient : View<T>{};
    }
    bool wants_gradient(Var v) const { return slots_.at(static_cast<std::size_t>(v.id)).wanted; }
    /// Tells that the caller wrote over a tensor's values: a backward that needs the old ones is refused.
    void overwritten(Var v) {
        Slot* slot = &slots_.at(static_cast<std::size_t>(v.id));
        while (slot->whole >= 0) slot = &at(slot->whole);
        ++slot->version;
    }

    /// Every op that ran, in order, for those who translate a tape instead of running it backward.
    const std::vector<Node>& nodes() const { return nodes_; }

    /// Uninitialised memory that lives as long as the step.
    View<T> matrix(int rows, int cols) { return arena_.matrix<T>(rows, cols); }
    Stream<T>& stream() { return stream_; }

private:
    struct Slot {
        View<T> value, gradient;
        bool wanted = false, written = false, leaf = false;
        bool split = false;
        int whole = -1, first_row = 0; ///< of a part: the tensor that was split, and where in it
        std::uint64_t version = 0;
        const std::uint64_t* watched = nullptr;
        std::uint64_t sent_beside = kNotBeside; ///< Stream::joins when the value was sent beside
        bool gradient_beside = false;           ///< the last that was stored or added to the gradient was sent beside
    };
    static constexpr std::uint64_t kNotBeside = ~std::uint64_t{0};
    Var add(Slot slot) {
        slots_.push_back(slot);
        return {static_cast<int>(slots_.size()) - 1};
    }
    Slot& at(int id) { return slots_[static_cast<std::size_t>(id)]; }
    const Slot& at(int id) const { return slots_[static_cast<std::size_t>(id)]; }
    /// Changes whenever the tensor's memory is overwritten.
    std::uint64_t version_of(int id) const;
    void fill(View<T> to, T value);
    void give_gradient(Slot& slot);
    unsigned wanted_gradients(const Node& node) const;
    /// Gives a call room for the gradients of these inputs of the node, and notes that they are there.
    void ask_for_gradients(const Node& node, Call<T>& call, unsigned inputs);
    void note_gradients(const Node& node, const Call<T>& call);
    void run_backward();
    void backward_node(const Node& node);
    void send_gradients(const Node& node, Call<T> call, unsigned inputs);
    unsigned gradients_beside(const Node& node, unsigned inputs) const;
    void check_joined(const Op& op, const Slot& slot) const;
    void join_parts(const Node& split);
    void check_versions(const Node& node) const;

    Stream<T>& stream_;
    Arena& arena_;
    std::vector<Slot> slots_;
    std::vector<Node> nodes_;
    bool done_ = false;
};

extern template class Tape<float>;
extern template class Tape<double>;

} // namespace poseaug
