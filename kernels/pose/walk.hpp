#pragma once
#include "kernels/pose/unroll.hpp"
#include "kernels/skeleton.hpp"

namespace poseaug {

/// Visits the joints limb by limb from the hip: `enter(j)` outwards, and `leave(j)` when all that lies beyond j has been
/// left. The index is a constant. What a joint needs in between is kept for the joints of one limb at a time, which is
/// what a GPU's registers can hold.
template <int Joint = 0, class Enter, class Leave> POSEAUG_HD void walk_limbs(const Enter& enter, const Leave& leave) {
    const std::integral_constant<int, Joint> joint;
    enter(joint);
    unroll<kBones>([&](auto bone) {
        constexpr int child = bone + 1;
        if constexpr (parent_of(child) == Joint) walk_limbs<child>(enter, leave);
    });
    leave(joint);
}

} // namespace poseaug
