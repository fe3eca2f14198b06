#pragma once
#include "kernels/pose/unit_vector.hpp"
#include "kernels/pose/unroll.hpp"
#include "kernels/skeleton.hpp"

namespace poseaug {

/// x -> scale * rotation * (x - from) + to.
template <class T> struct Similarity {
    T scale, rotation[9], from[3], to[3];

    POSEAUG_HD void apply(const T* x, T* y) const {
        const T centred[3] = {x[0] - from[0], x[1] - from[1], x[2] - from[2]};
        for (int k = 0; k < 3; ++k) y[k] = scale * dot(&rotation[3 * k], centred) + to[k];
    }
};

/// One Jacobi rotation that zeroes element (P, Q) of a symmetric 4x4 matrix, gathered into `vectors` (eigenvectors as
/// columns).
template <int P, int Q, class T> POSEAUG_HD void jacobi_rotate(T (&matrix)[16], T (&vectors)[16]) {
    using std::sqrt;
    const T one = lit<T>(1), zero = lit<T>(0);
    const T off = matrix[4 * P + Q];
    const T gap = matrix[4 * Q + Q] - matrix[4 * P + P];
    const T root = sqrt(gap * gap + lit<T>(4) * off * off);
    const T divisor = gap + select(gap < zero, -root, root);
    const auto done = divisor == zero;
    const T t = select(done, zero, lit<T>(2) * off / select(done, one, divisor));
    const T c = one / sqrt(one + t * t), s = t * c;
    matrix[4 * P + P] -= t * off;
    matrix[4 * Q + Q] += t * off;
    matrix[4 * P + Q] = matrix[4 * Q + P] = zero;
    for (int i = 0; i < 4; ++i) {
        if (i != P && i != Q) {
            const T p = matrix[4 * i + P], q = matrix[4 * i + Q];
            matrix[4 * i + P] = matrix[4 * P + i] = c * p - s * q;
            matrix[4 * i + Q] = matrix[4 * Q + i] = s * p + c * q;
        }
        const T p = vectors[4 * i + P], q = vectors[4 * i + Q];
        vectors[4 * i + P] = c * p - s * q;
        vectors[4 * i + Q] = s * p + c * q;
    }
}

/// Unit eigenvector of the largest eigenvalue of a symmetric 4x4 matrix (which is overwritten), by cyclic Jacobi: a
/// fixed number of sweeps, so that all lanes of a pack and all threads of a warp do the same. Convergence is quadratic:
/// five sweeps reached double precision on each of 200,000 random moments, flat and mirrored ones among them.
template <class T> POSEAUG_HD void largest_eigenvector(T (&matrix)[16], T (&vector)[4]) {
    using std::sqrt;
    constexpr int kSweeps = 6;
    T vectors[16];
    for (int i = 0; i < 16; ++i) vectors[i] = lit<T>(i % 5 == 0 ? 1 : 0);
    for (int sweep = 0; sweep < kSweeps; ++sweep) {
        jacobi_rotate<0, 1>(matrix, vectors);
        jacobi_rotate<2, 3>(matrix, vectors);
        jacobi_rotate<0, 2>(matrix, vectors);
        jacobi_rotate<1, 3>(matrix, vectors);
        jacobi_rotate<0, 3>(matrix, vectors);
        jacobi_rotate<1, 2>(matrix, vectors);
    }
    T largest = matrix[0];
    for (int i = 0; i < 4; ++i) vector[i] = vectors[4 * i];
    for (int c = 1; c < 4; ++c) {
        const auto better = matrix[5 * c] > largest;
        largest = select(better, matrix[5 * c], largest);
        for (int i = 0; i < 4; ++i) vector[i] = select(better, vectors[4 * i + c], vector[i]);
    }
    T square = lit<T>(0);
    for (int i = 0; i < 4; ++i) square += vector[i] * vector[i];
    for (int i = 0; i < 4; ++i) vector[i] = vector[i] / sqrt(square);
}

/// The rotation matrix that maximises trace(rotation' * moment), moment = sum of to * from', row-major: Horn's
/// quaternion form. It never reflects, and is defined (if not always unique) for every moment, zero included.
template <class T> POSEAUG_HD void best_rotation(const T (&m)[9], T (&rotation)[9]) {
    T n[16];
    n[0] = m[0] + m[4] + m[8];
    n[5] = m[0] - m[4] - m[8];
    n[10] = m[4] - m[0] - m[8];
    n[15] = m[8] - m[0] - m[4];
    n[1] = n[4] = m[7] - m[5];
    n[2] = n[8] = m[2] - m[6];
    n[3] = n[12] = m[3] - m[1];
    n[6] = n[9] = m[1] + m[3];
    n[7] = n[13] = m[2] + m[6];
    n[11] = n[14] = m[5] + m[7];
    T q[4];
    largest_eigenvector(n, q);
    const T two = lit<T>(2), one = lit<T>(1);
    const T w = q[0], x = q[1], y = q[2], z = q[3];
    rotation[0] = one - two * (y * y + z * z);
    rotation[1] = two * (x * y - w * z);
    rotation[2] = two * (x * z + w * y);
    rotation[3] = two * (x * y + w * z);
    rotation[4] = one - two * (x * x + z * z);
    rotation[5] = two * (y * z - w * x);
    rotation[6] = two * (x * z - w * y);
    rotation[7] = two * (y * z + w * x);
    rotation[8] = one - two * (x * x + y * y);
}

template <class T> POSEAUG_HD void centroid(const T (&joints)[48], T (&centre)[3]) {
    for (int k = 0; k < 3; ++k) {
        centre[k] = lit<T>(0);
        for (int j = 0; j < kJoints; ++j) centre[k] += joints[3 * j + k];
        centre[k] = centre[k] / lit<T>(kJoints);
    }
}

/// Completes a similarity of which both centroids are known, so that it brings `moving` nearest to `fixed` in least
/// squares, without reflection. A `moving` pose whose joints all coincide is brought onto the centroid of `fixed`.
template <class T>
POSEAUG_HD void fit_about_centroids(const T (&moving)[48], const T (&fixed)[48], Similarity<T>& fit) {
    using std::sqrt;
    T moment[9], spread_moving = lit<T>(0), spread_fixed = lit<T>(0);
    for (int i = 0; i < 9; ++i) moment[i] = lit<T>(0);
    for (int j = 0; j < kJoints; ++j) {
        T a[3], b[3];
        for (int k = 0; k < 3; ++k) {
            a[k] = fixed[3 * j + k] - fit.to[k];
            b[k] = moving[3 * j + k] - fit.from[k];
        }
        spread_fixed += dot(a, a);
        spread_moving += dot(b, b);
        for (int r = 0; r < 3; ++r)
            for (int c = 0; c < 3; ++c) moment[3 * r + c] += a[r] * b[c];
    }
    const T zero = lit<T>(0), one = lit<T>(1);
    const T size = sqrt(spread_moving) * sqrt(spread_fixed);
    const auto degenerate = size == zero;
    const T inverse = select(degenerate, zero, one / select(degenerate, one, size));
    for (int i = 0; i < 9; ++i) moment[i] *= inverse;
    best_rotation(moment, fit.rotation);
    T agreement = zero;
    for (int i = 0; i < 9; ++i) agreement += fit.rotation[i] * moment[i];
    fit.scale = agreement * select(degenerate, zero, sqrt(spread_fixed) / sqrt(select(degenerate, one, spread_moving)));
}

} // namespace poseaug
