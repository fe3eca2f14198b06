#pragma once
#include "kernels/dual.hpp"
#include "kernels/elementary.hpp"

#include <experimental/simd>

// For the host compiler alone: nvcc cannot parse <experimental/simd>.

namespace poseaug {

/// As many poses as one SIMD register holds.
template <class T> using Pack = std::experimental::native_simd<T>;

template <class T, class Abi> struct element_of<std::experimental::simd<T, Abi>> { using type = T; };

template <class T, class Abi>
std::experimental::simd<T, Abi> select(const std::experimental::simd_mask<T, Abi>& mask,
                                       const std::experimental::simd<T, Abi>& a,
                                       const std::experimental::simd<T, Abi>& b) {
    auto result = b;
    where(mask, result) = a;
    return result;
}

template <class T, class Abi> struct Real<std::experimental::simd<T, Abi>> {
    using Pack = std::experimental::simd<T, Abi>;
    using Bits = std::experimental::rebind_simd_t<typename Real<T>::Bits, Pack>;

    static Pack select(const typename Pack::mask_type& mask, const Pack& a, const Pack& b) {
        return poseaug::select(mask, a, b);
    }
    /// Compilers contract it (-ffp-contract=fast) where they optimise; the library's fma goes lane by lane.
    static Pack fused(const Pack& a, const Pack& b, const Pack& c) { return a * b + c; }
};

/// Whether a pack's lanes have the bits that single numbers would have.
#ifdef __OPTIMIZE__
inline constexpr bool kPacksFuse = kFusesMultiplyAdd;
#else
inline constexpr bool kPacksFuse = false;
#endif

/// What the CPU driver runs an op on: a pack for real numbers, the number itself for duals.
template <class T> struct lanes_of {
    using type = Pack<T>;
    static constexpr int width = static_cast<int>(Pack<T>::size());
    static type load(const T* from) { return type(from, std::experimental::element_aligned); }
    static void store(const type& value, T* to) { value.copy_to(to, std::experimental::element_aligned); }
};
template <class T> struct lanes_of<Dual<T>> {
    using type = Dual<T>;
    static constexpr int width = 1;
    static type load(const Dual<T>* from) { return *from; }
    static void store(const type& value, Dual<T>* to) { *to = value; }
};

} // namespace poseaug
