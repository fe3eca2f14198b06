#pragma once
#include "kernels/instructions.hpp"

namespace poseaug {

struct Procedure;

// How rows get the entry points that their own file does not have: those of the chosen instructions take the place of
// its CPU code, and CUDA's stand beside. In a variant, whose rows are only read for their CPU code, there is nothing to add.

/// `own` with the code of the chosen instructions, where they have any.
CpuEntries in_chosen_instructions(const CpuEntries& own);

void add_backends(Op& op);
void add_backends(Procedure& procedure);

} // namespace poseaug
