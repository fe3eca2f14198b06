#include "engine/work.hpp"

namespace poseaug {

template <class T> Work work_of(const Op& op, Direction direction, const Call<T>& call) {
    const bool backward = direction == Direction::vjp;
    Shape in[kMaxInputs];
    unsigned wanted = 0;
    std::int64_t elements = 0;
    for (int i = 0; i < op.inputs; ++i) {
        in[i] = call.in[i].shape();
        wanted |= call.d_in[i] ? 1U << i : 0U;
        if (!backward || (op.saved_in >> i & 1U)) elements += call.in[i].size();
        if (backward || op.weight) elements += call.d_in[i].size() * (call.adds(i) ? 2 : 1);
    }
    for (int k = 0; k < op.outputs; ++k) {
        if (!backward || (op.saved_out >> k & 1U)) elements += call.out[k].size();
        if (backward) elements += call.d_out[k].size();
    }
    if (!backward)
        for (int k = 0; k < op.states; ++k) elements += 2 * call.state[k].size();
    Work work;
    work.bytes = static_cast<double>(elements) * sizeof(T);
    work.flops = op.flops(call.attributes, in, direction, wanted);
    return work;
}

template <class T> Work work_of(const Procedure& procedure, const Call<T>& call) {
    std::int64_t seen = 0, states = 0;
    for (const auto& in : call.in) seen += in.size();
    for (const auto& out : call.out) seen += out.size();
    for (const auto& state : call.state) states += state.size();
    const double elements =
        static_cast<double>(seen) * (1 + procedure.moved_elsewhere) + 2.0 * static_cast<double>(states);
    return {procedure.flops * static_cast<double>(seen), elements * sizeof(T)};
}

template Work work_of(const Op&, Direction, const Call<float>&);
template Work work_of(const Op&, Direction, const Call<double>&);
template Work work_of(const Procedure&, const Call<float>&);
template Work work_of(const Procedure&, const Call<double>&);

} // namespace poseaug
