#include "docs/generator/kernels.hpp"

namespace poseaug::pages {

namespace {

/// A view that has a shape and, so that it counts as present, some address; nothing is read or written.
template <class T> View<T> imagined(Shape shape) {
    static float somewhere = 0;
    if (shape.rows == 0) return {};
    return {&somewhere, shape.rows, shape.cols, shape.cols};
}

} // namespace

UsualOp::UsualOp(const Op& op) : op_(op), usual_(op.usual(kBatch)) {
    std::copy(usual_.in.begin(), usual_.in.end(), in_);
    op.shapes(usual_.attributes, in_, out_);
}

Work UsualOp::work(Direction direction) const {
    Call<float> call;
    call.attributes = usual_.attributes;
    for (int i = 0; i < op_.inputs; ++i) {
        call.in[i] = imagined<const float>(in_[i]);
        if (direction == Direction::vjp && (op_.differentiable >> i & 1U)) call.d_in[i] = imagined<float>(in_[i]);
    }
    for (int k = 0; k < op_.outputs; ++k) {
        call.out[k] = imagined<float>(out_[k]);
        if (direction == Direction::vjp && !(op_.auxiliary >> k & 1U)) call.d_out[k] = imagined<const float>(out_[k]);
    }
    for (std::size_t k = 0; k < usual_.state.size(); ++k) call.state[k] = imagined<float>(usual_.state[k]);
    return work_of(op_, direction, call);
}

Work work_of_usual(const Procedure& procedure) {
    const UsualCall usual = procedure.usual(kBatch);
    Call<float> call;
    for (std::size_t i = 0; i < usual.in.size(); ++i) call.in[i] = imagined<const float>(usual.in[i]);
    for (std::size_t k = 0; k < usual.out.size(); ++k) call.out[k] = imagined<float>(usual.out[k]);
    for (std::size_t k = 0; k < usual.state.size(); ++k) call.state[k] = imagined<float>(usual.state[k]);
    return work_of(procedure, call);
}

} // namespace poseaug::pages
