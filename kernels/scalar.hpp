#pragma once
#include <cmath>

#ifdef __CUDACC__
#define POSEAUG_HD __host__ __device__
#else
#define POSEAUG_HD
#endif

namespace poseaug {

/// What a scalar type is made of: float for float and for a pack of floats, double for a dual number over doubles.
template <class T> struct element_of { using type = T; };
template <class T> using element_of_t = typename element_of<T>::type;

/// The constant `value` in scalar type T (a pack or a dual number refuses to convert a double silently).
template <class T> POSEAUG_HD constexpr T lit(double value) { return T(static_cast<element_of_t<T>>(value)); }

/// mask ? a : b, without a branch. Packs and dual numbers have overloads of their own.
POSEAUG_HD inline float select(bool mask, float a, float b) { return mask ? a : b; }
POSEAUG_HD inline double select(bool mask, double a, double b) { return mask ? a : b; }

} // namespace poseaug
