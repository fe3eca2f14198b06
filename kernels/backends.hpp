#pragma once
#include "kernels/op.hpp"

namespace poseaug {

struct Procedure;

// How rows get the entry points that their own file does not have: those of the chosen instructions take the place of
// its CPU code, and CUDA's stand beside. In a variant, whose rows are only read for their CPU code, both do nothing.

void add_backends(Op& op);
void add_backends(Procedure& procedure);

} // namespace poseaug
