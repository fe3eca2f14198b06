#pragma once
#include "engine/work.hpp"

#include <string>
#include <vector>

namespace poseaug::pages {

inline constexpr int kBatch = 1024; ///< poses of the calls that pages count, as published

/// An op at its usual shapes.
class UsualOp {
public:
    explicit UsualOp(const Op& op);

    const Op& op() const { return op_; }
    bool has_backward() const { return op_.differentiable != 0; }
    const Shape& in(int i) const { return in_[i]; }
    const Shape& out(int i) const { return out_[i]; }
    /// In float32.
    Work work(Direction direction) const;

private:
    const Op& op_;
    UsualCall usual_;
    Shape in_[kMaxInputs], out_[kMaxOutputs];
};

/// Work of a procedure at its usual shapes, in float32.
Work work_of_usual(const Procedure& procedure);

} // namespace poseaug::pages
