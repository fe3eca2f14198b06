#pragma once
#include "kernels/scalar.hpp"

#include <bit>
#include <cstdint>
#include <type_traits>

// Sine, cosine, hyperbolic tangent, exponential and logarithm of every scalar: one number, a pack, on a CPU or a GPU.
// The libraries' own differ from each other in the last digit, are scalar on one side, and on the other have slow paths
// with stack frames. There are no branches on values here, and every rounding is spelled out, so that all processors
// with a fused multiply-add give the same bits. Polynomials are minimax fits (Remez). Errors are stated for processors
// with a fused multiply-add; on others they may be half an ulp larger.

namespace poseaug {

#if defined(__CUDA_ARCH__) || defined(__FMA__) || defined(__ARM_FEATURE_FMA)
inline constexpr bool kFusesMultiplyAdd = true;
#else
inline constexpr bool kFusesMultiplyAdd = false;
#endif

/// What the functions below need of real numbers beyond operators. `Bits`: unsigned integers of the same size.
template <class T> struct Real {
    using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;

    POSEAUG_HD static T select(bool mask, T a, T b) { return mask ? a : b; }
    /// a * b + c, rounded once where the processor can.
    POSEAUG_HD static T fused(T a, T b, T c) {
        using std::fma;
        if constexpr (kFusesMultiplyAdd) return fma(a, b, c);
        else return a * b + c;
    }
};

/// How the elements of T, float or double, are laid out in bits.
template <class T> struct Format {
    static constexpr bool is_single = std::is_same_v<element_of_t<T>, float>;
    static constexpr int mantissa = is_single ? 23 : 52, bias = is_single ? 127 : 1023;
    /// Adding and subtracting it rounds to a whole number, which meanwhile stands in the lowest bits.
    static constexpr double rounder = is_single ? 0x1.8p23 : 0x1.8p52;
};

template <class T> POSEAUG_HD T polynomial(const T&, double c) { return lit<T>(c); }
/// c + x (c1 + x (c2 + ...)).
template <class T, class... C> POSEAUG_HD T polynomial(const T& x, double c, C... higher) {
    return Real<T>::fused(x, polynomial(x, higher...), lit<T>(c));
}

template <class T> POSEAUG_HD T rounded_product(const T& x, double factor) {
    return Real<T>::fused(x, lit<T>(factor), lit<T>(Format<T>::rounder)) - lit<T>(Format<T>::rounder);
}

template <class T> POSEAUG_HD T minus_multiple(const T& x, const T&) { return x; }
/// x - k (part + rest + ...), for a constant in parts, the largest first.
template <class T, class... C> POSEAUG_HD T minus_multiple(const T& x, const T& k, double part, C... rest) {
    return minus_multiple(Real<T>::fused(k, lit<T>(-part), x), k, rest...);
}

/// 2^k of a whole number k within the range of normal exponents.
template <class T> POSEAUG_HD T power_of_two(const T& k) {
    using Bits = typename Real<T>::Bits;
    return std::bit_cast<T>(
        Bits(std::bit_cast<Bits>(k + lit<T>(Format<T>::rounder + Format<T>::bias)) << Format<T>::mantissa));
}

/// `x` within [-limit, limit]; NaN stays.
template <class T> POSEAUG_HD T clamped(const T& x, double limit) {
    const T below = Real<T>::select(x > lit<T>(limit), lit<T>(limit), x);
    return Real<T>::select(below < lit<T>(-limit), lit<T>(-limit), below);
}

template <class T> struct SinCos { T sin, cos; };

/// Sine and cosine, by Cody and Waite's reduction to [-pi/4, pi/4]: within 2 ulp for angles up to 1e4 in float and 1e6
/// in double, those next to multiples of pi/2 among them. Accuracy is lost gradually beyond, and for a finite angle
/// both stay within [-1, 1].
template <class T> POSEAUG_HD SinCos<T> sin_cos(const T& x) {
    using R = Real<T>;
    const T turns = rounded_product(x, 0.63661977236758134); // quarter turns
    const T quarter = R::fused(rounded_product(turns, 0.25), lit<T>(-4), turns);
    T r;
    if constexpr (Format<T>::is_single && kFusesMultiplyAdd)
        r = minus_multiple(x, turns, 0x1.921fb6p0, -0x1.777a5cp-25, -0x1.ee59dap-50);
    else if constexpr (Format<T>::is_single) // products of the short parts are exact
        r = minus_multiple(x, turns, 0x1.92p0, 0x1.fb4p-12, 0x1.444p-24, 0x1.68cp-39, 0x1.1a6264p-54);
    else if constexpr (kFusesMultiplyAdd)
        r = minus_multiple(x, turns, 0x1.921fb54442d18p0, 0x1.1a62633145c07p-54, -0x1.f1976b7ed8fbcp-110);
    else r = minus_multiple(x, turns, 0x1.921fb544p0, 0x1.0b4611a6p-34, 0x1.3198a2ep-69, 0x1.b839a252p-104);
    r = clamped(r, 0.79);
    const T z = r * r;
    T sine, cosine;
    if constexpr (Format<T>::is_single) {
        sine = polynomial(z, -0.16666655, 0.008332156, -0.00019514632);
        cosine = polynomial(z, 0.041666646, -0.001388731, 2.4432413e-05);
    } else {
        sine = polynomial(z, -0.1666666666666663, 0.008333333333322005, -0.00019841269829495484, 2.7557313587616747e-06,
                          -2.5050742307622022e-08, 1.5895904729306338e-10);
        cosine = polynomial(z, 0.041666666666666595, -0.0013888888888872895, 2.4801587288748173e-05,
                            -2.755731414861973e-07, 2.0875696572091375e-09, -1.1358310465528245e-11);
    }
    sine = R::fused(r * z, sine, r);
    cosine = R::fused(z * z, cosine, R::fused(z, lit<T>(-0.5), lit<T>(1)));
    const T half = lit<T>(0.5), most = lit<T>(1.5);
    const auto odd = (quarter > half && quarter < most) || (quarter < -half && quarter > -most);
    const T s = R::select(odd, cosine, sine), c = R::select(odd, sine, cosine);
    return {R::select(quarter > most || quarter < -half, -s, s), R::select(quarter > half || quarter < -most, -c, c)};
}

/// exp(x) as 2^power (1 + rest), |rest| < 0.42 and precise to its own last digits.
template <class T> struct SplitExp { T power, rest; };

template <class T> POSEAUG_HD SplitExp<T> split_exp(const T& x) {
    const T k = rounded_product(x, 1.4426950408889634);
    T r, q;
    if constexpr (Format<T>::is_single) {
        r = minus_multiple(x, k, 0x1.63p-1, -0x1.bd0106p-13);
        q = polynomial(r, 0.16666666, 0.04166648, 0.00833342, 0.0013933333, 0.00019824094);
    } else {
        r = minus_multiple(x, k, 0x1.62e42ffp-1, -0x1.718432a1b0e26p-35);
        q = polynomial(r, 0.16666666666666677, 0.041666666666666574, 0.008333333333322078, 0.0013888888888943056,
                       0.00019841269885180037, 2.480158719765841e-05, 2.7557245026199306e-06, 2.7557387292550493e-07,
                       2.5108788981213685e-08, 2.087891471896741e-09);
    }
    return {k, Real<T>::fused(r * r, Real<T>::fused(r, q, lit<T>(0.5)), r)};
}

/// Exponential, within 1 ulp. Beyond the largest number infinity, and zero below the smallest.
template <class T> POSEAUG_HD T exp_of(const T& x) {
    const auto [power, rest] = split_exp(clamped(x, Format<T>::is_single ? 110 : 750));
    const T half = rounded_product(power, 0.5); // in two steps, since 2^power may have no exponent of its own
    return Real<T>::fused(power_of_two(half), rest, power_of_two(half)) * power_of_two(T(power - half));
}

/// Hyperbolic tangent, within 2 ulp, by e / (e + 2) with e = exp(2 |x|) - 1.
template <class T> POSEAUG_HD T tanh_of(const T& x) {
    const auto negative = x < lit<T>(0);
    const T size = Real<T>::select(negative, -x, x);
    const auto [power, rest] = split_exp(clamped(size + size, Format<T>::is_single ? 20 : 44)); // 1 beyond
    const T two = power_of_two(power);
    const T e = Real<T>::fused(two, rest, two - lit<T>(1));
    const T inverse = lit<T>(1) / (e + lit<T>(2)), t = e * inverse;
    const T remainder = Real<T>::fused(-t, e, Real<T>::fused(lit<T>(-2), t, e)); // of the division
    const T exact = Real<T>::fused(remainder, inverse, t);
    return Real<T>::select(negative, -exact, exact);
}

/// Natural logarithm of a positive normal number, within 2 ulp.
template <class T> POSEAUG_HD T log_of(const T& x) {
    using Bits = typename Real<T>::Bits;
    using F = Format<T>;
    using E = element_of_t<T>;
    constexpr auto bits = [](double value) { return std::bit_cast<typename Real<E>::Bits>(lit<E>(value)); };
    // x = 2^k m with m in [sqrt(1/2), sqrt(2))
    const Bits exponent = (std::bit_cast<Bits>(x) + Bits(bits(1) - bits(0.70710678118654752))) >> F::mantissa;
    const T m = std::bit_cast<T>(Bits(std::bit_cast<Bits>(x) + Bits(bits(1)) - (exponent << F::mantissa)));
    const T k = std::bit_cast<T>(Bits(exponent | Bits(bits(F::is_single ? 0x1p23 : 0x1p52)))) -
                lit<T>((F::is_single ? 0x1p23 : 0x1p52) + F::bias);
    const T f = m - lit<T>(1), s = f / (m + lit<T>(1)), z = s * s;
    T q;
    if constexpr (F::is_single) q = polynomial(z, 0.6666666, 0.40000337, 0.2853717, 0.23584987);
    else
        q = polynomial(z, 0.6666666666666735, 0.3999999999940748, 0.28571428744142674, 0.22222198378350153,
                       0.18183575171967647, 0.15313755595462838, 0.147990677426065);
    const T of_m = Real<T>::fused(-s, Real<T>::fused(-z, q, f), f);
    if constexpr (F::is_single) return minus_multiple(of_m, k, 0x1.bd0106p-13, -0x1.63p-1);
    else return minus_multiple(of_m, k, 0x1.718432a1b0e26p-35, -0x1.62e42ffp-1);
}

} // namespace poseaug
