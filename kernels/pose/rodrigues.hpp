#pragma once
#include "kernels/column_op.hpp"
#include "kernels/elementary.hpp"
#include "kernels/pose/sampling.hpp"

namespace poseaug {

/// sin(t)/t and (1-cos t)/t^2 as functions of t^2, with their derivatives by t^2; series below t^2 = 1e-6, where the
/// quotients lose digits, so that both are smooth at zero.
template <class T> struct RotationCoefficients { T a, b, d_a, d_b; };

template <class T> POSEAUG_HD RotationCoefficients<T> rotation_coefficients(const T& t2) {
    using std::sqrt;
    const auto small = t2 < lit<T>(1e-6);
    const T q = select(small, lit<T>(1), t2);
    const T t = sqrt(q);
    // by the half angle: sin t and 1 - cos t are products, without cancellation
    const auto half = sin_cos(lit<T>(0.5) * t);
    const T one = lit<T>(1), twice = lit<T>(2) * half.sin;
    const T s = twice * half.cos / t, versine = twice * half.sin, v = versine / q;
    return {select(small, one - t2 / lit<T>(6) + t2 * t2 / lit<T>(120), s),
            select(small, lit<T>(0.5) - t2 / lit<T>(24) + t2 * t2 / lit<T>(720), v),
            select(small, lit<T>(-1.0 / 6) + t2 / lit<T>(60), (one - versine - s) / (lit<T>(2) * q)),
            select(small, lit<T>(-1.0 / 24) + t2 / lit<T>(360), (s - lit<T>(2) * v) / (lit<T>(2) * q))};
}

/// Rotation matrix (row-major) of an axis-angle vector: R = I + a W + b W^2 with W the cross-product matrix of the
/// vector, a = sin t / t, b = (1 - cos t) / t^2.
template <class T> POSEAUG_HD void rodrigues(const T (&w)[3], T (&matrix)[9]) {
    const T t2 = w[0] * w[0] + w[1] * w[1] + w[2] * w[2];
    const auto k = rotation_coefficients(t2);
    for (int i = 0; i < 3; ++i)
        for (int j = 0; j < 3; ++j) matrix[3 * i + j] = k.b * w[i] * w[j];
    // W^2 = w w' - t^2 I
    const T diagonal = lit<T>(1) - k.b * t2;
    for (int i = 0; i < 3; ++i) {
        const int j = (i + 1) % 3, l = (i + 2) % 3;
        matrix[3 * i + i] += diagonal;
        matrix[3 * l + j] += k.a * w[i];
        matrix[3 * j + l] -= k.a * w[i];
    }
}

template <class T> POSEAUG_HD void rodrigues_vjp(const T (&w)[3], const T (&d_matrix)[9], T (&d_w)[3]) {
    const T t2 = w[0] * w[0] + w[1] * w[1] + w[2] * w[2];
    const auto k = rotation_coefficients(t2);
    T d_a = lit<T>(0), d_b = lit<T>(0);
    T outer = lit<T>(0); // sum of d_matrix o (w w')
    const T trace = d_matrix[0] + d_matrix[4] + d_matrix[8];
    for (int i = 0; i < 3; ++i) {
        const int j = (i + 1) % 3, l = (i + 2) % 3;
        const T antisymmetric = d_matrix[3 * l + j] - d_matrix[3 * j + l];
        T row = lit<T>(0);
        for (int m = 0; m < 3; ++m) row += (d_matrix[3 * i + m] + d_matrix[3 * m + i]) * w[m];
        outer += lit<T>(0.5) * row * w[i];
        d_a += antisymmetric * w[i];
        d_w[i] = k.a * antisymmetric + k.b * row;
    }
    d_b = outer - t2 * trace;
    const T d_t2 = d_a * k.d_a + d_b * k.d_b - k.b * trace;
    for (int i = 0; i < 3; ++i) d_w[i] += lit<T>(2) * d_t2 * w[i];
}

struct Rodrigues {
    static constexpr std::string_view name = "rodrigues";
    static constexpr std::string_view source = "Rodrigues' rotation formula; PoseAug section 3.2, rotation";
    static constexpr std::string_view summary = "The rotation matrix of an axis-angle vector.";
    static constexpr std::string_view formula = "t = |w|,  W: the matrix of the cross product with w\n"
                                                "R = I + a W + b W^2,  a = sin(t) / t,  b = (1 - cos(t)) / t^2\n"
                                                "below t = 0.001 the series of a and b";
    static constexpr std::string_view fuses = "Angle, sine, cosine, the outer product and the sum of three matrices.";
    static constexpr std::string_view inputs[] = {"axis_angle"}, outputs[] = {"matrix"};
    using Params = NoParams;
    using In = Rows<3>;
    using Out = Rows<9>;
    static constexpr unsigned differentiable = 0b1;
    static constexpr bool mean = false;

    template <class T> POSEAUG_HD static void value(Params, const T (&axis_angle)[3], T (&matrix)[9]) {
        rodrigues(axis_angle, matrix);
    }
    template <class T>
    POSEAUG_HD static void vjp(Params, const T (&axis_angle)[3], const T (&d_matrix)[9], T (&d_axis_angle)[3]) {
        rodrigues_vjp(axis_angle, d_matrix, d_axis_angle);
    }

    static std::vector<Sample> samples() {
        return {sample("angles up to pi", {}, {sampling::normal(3, 17)}),
                singular("no rotation: the series gives the identity and its exact gradient", {},
                         {sampling::filled(3, 5, 0.0)}),
                singular("a tiny angle, by the series: no digits cancel", {}, {sampling::normal(3, 7, 1e-5)}),
                singular("the series' edge: quotient and series agree", {}, {sampling::of_length(3, 9, 1e-3)}),
                singular("half a turn: smooth, though the axis could be turned round", {},
                         {sampling::of_length(3, 9, 3.14159265358979)})};
    }
};

} // namespace poseaug
