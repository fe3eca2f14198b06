#pragma once
#include "bench/usual_call.hpp"
#include "engine/work.hpp"

namespace poseaug::pages {

inline constexpr int kBatch = 1024; ///< poses of the calls that pages count, as published

/// An op at the shapes that trainings and the benchmarks give it.
class UsualOp {
public:
    explicit UsualOp(const Op& op);

    const Op& op() const { return op_; }
    bool of_poses() const { return bench::is_pose_op(op_); }
    bool has_backward() const { return op_.differentiable != 0 && !op_.weight; }
    Shape in(int i) const { return in_[i]; }
    Shape out(int k) const { return out_[k]; }
    Shape state(int k) const { return state_[k]; }
    /// In float32, with all gradients.
    Work work(Direction direction) const;

private:
    const Op& op_;
    Attributes attributes_;
    Shape in_[kMaxInputs], out_[kMaxOutputs], state_[kMaxStates];
};

/// Work of a procedure at its usual shapes, in float32.
Work usual_work(const Procedure& procedure);

} // namespace poseaug::pages
