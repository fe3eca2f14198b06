#pragma once
#include "kernels/pack.hpp"

#include <limits>

namespace poseaug::test {

/// Whether packs round a product and a sum but once, as single numbers do: where this build's compiler contracts them,
/// which gcc does from -O2 on.
template <class T> bool packs_fuse() {
    constexpr T little = std::numeric_limits<T>::epsilon();
    const volatile T above = 1 + little, below = 1 - little, minus_one = -1;
    const Pack<T> a(static_cast<T>(above)), b(static_cast<T>(below)), c(static_cast<T>(minus_one));
    return kPacksFuse && Real<Pack<T>>::fused(a, b, c)[0] != 0;
}

} // namespace poseaug::test
