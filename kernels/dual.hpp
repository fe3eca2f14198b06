#pragma once
#include "kernels/elementary.hpp"

#include <cmath>

namespace poseaug {

/// A number with its derivative along one direction. Running a value function on dual numbers gives J u, against which
/// the hand-written vjp is proven.
template <class T> struct Dual {
    T value{}, tangent{};

    Dual() = default;
    constexpr Dual(T v, T t = T(0)) : value(v), tangent(t) {}
    template <class U>
    requires std::is_arithmetic_v<U>
    constexpr explicit Dual(U v) : value(static_cast<T>(v)) {}

    friend Dual operator+(Dual a, Dual b) { return {a.value + b.value, a.tangent + b.tangent}; }
    friend Dual operator-(Dual a, Dual b) { return {a.value - b.value, a.tangent - b.tangent}; }
    friend Dual operator-(Dual a) { return {-a.value, -a.tangent}; }
    friend Dual operator*(Dual a, Dual b) { return {a.value * b.value, a.tangent * b.value + a.value * b.tangent}; }
    friend Dual operator/(Dual a, Dual b) {
        const T q = a.value / b.value;
        return {q, (a.tangent - q * b.tangent) / b.value};
    }
    Dual& operator+=(Dual b) { return *this = *this + b; }
    Dual& operator-=(Dual b) { return *this = *this - b; }
    Dual& operator*=(Dual b) { return *this = *this * b; }
    Dual& operator/=(Dual b) { return *this = *this / b; }
    friend bool operator<(Dual a, Dual b) { return a.value < b.value; }
    friend bool operator>(Dual a, Dual b) { return a.value > b.value; }
    friend bool operator<=(Dual a, Dual b) { return a.value <= b.value; }
    friend bool operator>=(Dual a, Dual b) { return a.value >= b.value; }
    friend bool operator==(Dual a, Dual b) { return a.value == b.value; }
};

template <class T> struct element_of<Dual<T>> { using type = T; };

template <class T> Dual<T> select(bool mask, Dual<T> a, Dual<T> b) { return mask ? a : b; }

template <class T> Dual<T> sqrt(Dual<T> a) {
    const T root = std::sqrt(a.value);
    return {root, a.tangent / (2 * root)};
}
template <class T> SinCos<Dual<T>> sin_cos(const Dual<T>& a) {
    const auto [s, c] = sin_cos(a.value);
    return {{s, a.tangent * c}, {c, -a.tangent * s}};
}
template <class T> Dual<T> exp_of(const Dual<T>& a) {
    const T e = exp_of(a.value);
    return {e, a.tangent * e};
}
template <class T> Dual<T> tanh_of(const Dual<T>& a) {
    const T t = tanh_of(a.value);
    return {t, a.tangent * (1 - t * t)};
}

} // namespace poseaug
