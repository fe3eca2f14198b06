#pragma once
#include "kernels/elementary.hpp"

#include <cmath>
#include <type_traits>

namespace poseaug {

/// A number that counts the operations done with its like on this thread. Running an op's body on it counts the op's
/// floating-point operations: one for each sum, difference, product, quotient, and call of a math function. Signs,
/// comparisons, choices and constants are free. It counts what is written, such as adding to a zero, even where a
/// compiler leaves it out.
struct Tally {
    double value = 0;

    static inline thread_local double operations = 0;

    Tally() = default;
    template <class U>
    requires std::is_arithmetic_v<U>
    constexpr explicit Tally(U v) : value(static_cast<double>(v)) {}

    /// `value`, which took one operation.
    static Tally counted(double value) {
        operations += 1;
        return Tally(value);
    }

    friend Tally operator+(Tally a, Tally b) { return counted(a.value + b.value); }
    friend Tally operator-(Tally a, Tally b) { return counted(a.value - b.value); }
    friend Tally operator*(Tally a, Tally b) { return counted(a.value * b.value); }
    friend Tally operator/(Tally a, Tally b) { return counted(a.value / b.value); }
    friend Tally operator-(Tally a) { return Tally(-a.value); }
    Tally& operator+=(Tally b) { return *this = *this + b; }
    Tally& operator-=(Tally b) { return *this = *this - b; }
    Tally& operator*=(Tally b) { return *this = *this * b; }
    Tally& operator/=(Tally b) { return *this = *this / b; }
    friend bool operator<(Tally a, Tally b) { return a.value < b.value; }
    friend bool operator>(Tally a, Tally b) { return a.value > b.value; }
    friend bool operator<=(Tally a, Tally b) { return a.value <= b.value; }
    friend bool operator>=(Tally a, Tally b) { return a.value >= b.value; }
    friend bool operator==(Tally a, Tally b) { return a.value == b.value; }
};

template <> struct element_of<Tally> { using type = double; };

inline Tally select(bool mask, Tally a, Tally b) { return mask ? a : b; }

inline Tally sqrt(Tally a) { return Tally::counted(std::sqrt(a.value)); }
inline SinCos<Tally> sin_cos(const Tally& a) {
    return {Tally::counted(std::sin(a.value)), Tally::counted(std::cos(a.value))};
}
inline Tally exp_of(const Tally& a) { return Tally::counted(std::exp(a.value)); }
inline Tally tanh_of(const Tally& a) { return Tally::counted(std::tanh(a.value)); }

/// The operations that f() does on tallies.
template <class F> double operations_of(const F& f) {
    const double before = Tally::operations;
    f();
    return Tally::operations - before;
}

} // namespace poseaug
