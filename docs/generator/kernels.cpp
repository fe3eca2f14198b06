#include "docs/generator/kernels.hpp"

namespace poseaug::pages {

namespace {

/// A view that counts as present but that nobody reads or writes; null for a shape without rows.
template <class T> View<T> imagined(Shape shape) {
    static float somewhere = 0;
    if (shape.rows == 0) return {};
    return {&somewhere, shape.rows, shape.cols, shape.cols};
}

} // namespace

UsualOp::UsualOp(const Op& op) : op_(op) {
    const bench::UsualCall usual = bench::usual_call(op, kBatch);
    attributes_ = usual.attributes;
    for (std::size_t i = 0; i < usual.in.size(); ++i) in_[i] = {usual.in[i].rows, usual.in[i].cols};
    for (std::size_t k = 0; k < usual.state.size(); ++k) state_[k] = {usual.state[k].rows, usual.state[k].cols};
    op.shapes(attributes_, in_, out_);
}

Work UsualOp::work(Direction direction) const {
    const bool backward = direction == Direction::vjp;
    Call<float> call;
    call.attributes = attributes_;
    for (int i = 0; i < op_.inputs; ++i) {
        call.in[i] = imagined<const float>(in_[i]);
        if ((backward || op_.weight) && (op_.differentiable >> i & 1U)) call.d_in[i] = imagined<float>(in_[i]);
    }
    for (int k = 0; k < op_.outputs; ++k) {
        call.out[k] = imagined<float>(out_[k]);
        if (backward && !(op_.auxiliary >> k & 1U)) call.d_out[k] = imagined<const float>(out_[k]);
    }
    for (int k = 0; k < op_.states; ++k) call.state[k] = imagined<float>(state_[k]);
    return work_of(op_, direction, call);
}

Work usual_work(const Procedure& procedure) {
    const UsualShapes usual = procedure.usual(kBatch);
    Call<float> call;
    for (std::size_t i = 0; i < usual.in.size(); ++i) call.in[i] = imagined<const float>(usual.in[i]);
    for (std::size_t k = 0; k < usual.out.size(); ++k) call.out[k] = imagined<float>(usual.out[k]);
    for (std::size_t k = 0; k < usual.state.size(); ++k) call.state[k] = imagined<float>(usual.state[k]);
    return work_of(procedure, call);
}

} // namespace poseaug::pages
