#pragma once
#include "kernels/scalar.hpp"

namespace poseaug {

template <class T> POSEAUG_HD T dot(const T* a, const T* b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }

/// A vector split into direction and length. The zero vector has direction zero, and no gradient flows to it.
template <class T> struct UnitVector {
    T unit[3];
    T length, inverse; ///< inverse: 1 / length, or zero
};

template <class T> POSEAUG_HD UnitVector<T> unit_vector(const T* v) {
    using std::sqrt;
    const T square = dot(v, v);
    const auto empty = square == lit<T>(0);
    const T root = sqrt(select(empty, lit<T>(1), square));
    const T inverse = select(empty, lit<T>(0), lit<T>(1) / root);
    return {{v[0] * inverse, v[1] * inverse, v[2] * inverse}, select(empty, lit<T>(0), root), inverse};
}

/// d_v from the gradients of direction and length.
template <class T> POSEAUG_HD void unit_vector_vjp(const UnitVector<T>& v, const T* d_unit, const T& d_length, T* d_v) {
    const T radial = d_length - dot(v.unit, d_unit) * v.inverse;
    for (int k = 0; k < 3; ++k) d_v[k] = d_unit[k] * v.inverse + v.unit[k] * radial;
}

/// Euclidean length, whose gradient at zero is zero.
template <class T> POSEAUG_HD T length_of(const T* v) { return unit_vector(v).length; }

} // namespace poseaug
