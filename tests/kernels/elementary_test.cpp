#include "kernels/elementary.hpp"

#include "tests/kernels/pack_bits.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

using namespace poseaug;

namespace {

constexpr double kUlps = kFusesMultiplyAdd ? 2 : 2.5;

/// Distance in units of the last place of `exact`.
template <class T> double ulps(T value, long double exact) {
    const T near = static_cast<T>(exact);
    const T unit = std::max(std::nextafter(std::abs(near), std::numeric_limits<T>::infinity()) - std::abs(near),
                            std::numeric_limits<T>::denorm_min());
    return static_cast<double>(std::abs(value - exact) / unit);
}

/// Numbers of all sizes up to `most`, half of them evenly spread.
template <class T> std::vector<T> numbers(double most, bool both_signs) {
    std::mt19937_64 random(7);
    std::uniform_real_distribution<double> even(both_signs ? -1 : 0, 1), decades(-12, 0);
    std::vector<T> all = {T(0), static_cast<T>(most)};
    while (all.size() < 40'000)
        all.push_back(static_cast<T>(even(random) * most * (all.size() % 2 ? std::pow(10, decades(random)) : 1)));
    return all;
}

/// Checks f against `exact` on every number, alone and in a pack, which must give the same bits.
template <class T, class F, class Exact>
void check_accuracy(const char* name, const std::vector<T>& numbers, const F& f, const Exact& exact) {
    using P = Pack<T>;
    double worst = 0;
    T where = 0;
    std::size_t different = 0;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        const T x = numbers[i], y = f(x);
        const P lanes = f(P([&](auto k) { return numbers[(i + k) % numbers.size()]; }));
        different += lanes[0] == y ? 0 : 1;
        if (const double off = ulps(y, exact(static_cast<long double>(x))); !(off <= worst)) worst = off, where = x;
    }
    INFO(name, " at ", where);
    CHECK(worst <= kUlps);
    if (test::packs_fuse<T>()) CHECK(different == 0);
}

const auto sine = [](const auto& x) { return sin_cos(x).sin; };
const auto cosine = [](const auto& x) { return sin_cos(x).cos; };

} // namespace

TEST_CASE_TEMPLATE("elementary functions are within two units of the last place", T, float, double) {
    const bool single = sizeof(T) == 4;
    const double most_angle = single ? 1e4 : 1e6;
    std::vector<T> angles = numbers<T>(most_angle, true);
    for (const T angle : numbers<T>(10, true)) angles.push_back(angle);
    constexpr long double quarter = 1.57079632679489661923132169163975L;
    for (long double k = 1; k * quarter < most_angle; k = std::floor(k * 1.002L) + 1) { // where one is nearly zero
        angles.push_back(static_cast<T>(k * quarter));
        angles.push_back(static_cast<T>((k + 0.5L) * quarter)); // where two reductions meet
    }
    check_accuracy<T>("sine", angles, sine, [](long double x) { return std::sin(x); });
    check_accuracy<T>("cosine", angles, cosine, [](long double x) { return std::cos(x); });

    const auto tanh = [](const auto& x) { return tanh_of(x); };
    const auto exact_tanh = [](long double x) { return std::tanh(x); };
    for (const double most : {1.0, 25.0}) check_accuracy<T>("tanh", numbers<T>(most, true), tanh, exact_tanh);
    check_accuracy<T>(
        "exp", numbers<T>(single ? 87 : 708, true), [](const auto& x) { return exp_of(x); },
        [](long double x) { return std::exp(x); });
    for (const double most : {1.0, 2.0, 1e30}) {
        std::vector<T> positive = numbers<T>(most, false);
        positive[0] = std::numeric_limits<T>::min();
        check_accuracy<T>(
            "log", positive, [](const auto& x) { return log_of(x); }, [](long double x) { return std::log(x); });
    }
}

TEST_CASE_TEMPLATE("elementary functions at the ends of numbers", T, float, double) {
    using Limits = std::numeric_limits<T>;
    const T infinity = Limits::infinity(), nan = Limits::quiet_NaN(), most = Limits::max(),
            least = Limits::denorm_min();
    for (const T angle : {T(1e5), T(1e7), T(1e15), T(3e38), most, -most}) {
        const auto [s, c] = sin_cos(angle);
        CHECK(std::abs(s) <= 1);
        CHECK(std::abs(c) <= 1);
    }
    CHECK(sin_cos(T(0)).sin == 0);
    CHECK(sin_cos(T(0)).cos == 1);
    CHECK(sin_cos(least).sin == least);
    for (const T angle : {infinity, -infinity, nan}) {
        CHECK(std::isnan(sin_cos(angle).sin));
        CHECK(std::isnan(sin_cos(angle).cos));
    }
    CHECK(tanh_of(T(0)) == 0);
    CHECK(tanh_of(least) == least);
    CHECK(tanh_of(-least) == -least);
    CHECK(tanh_of(most) == 1);
    CHECK(tanh_of(-infinity) == -1);
    CHECK(std::isnan(tanh_of(nan)));
    CHECK(exp_of(T(0)) == 1);
    CHECK(exp_of(-infinity) == 0);
    CHECK(exp_of(-most) == 0);
    CHECK(exp_of(most) == infinity);
    CHECK(std::isnan(exp_of(nan)));
    const T denormal = std::log(Limits::min()) - 3; // gradual underflow
    CHECK(exp_of(denormal) == doctest::Approx(std::exp(denormal)).epsilon(1e-4));
    CHECK(log_of(T(1)) == 0);
    CHECK(log_of(most) == doctest::Approx(std::log(most)));
}

TEST_CASE("elementary functions of dual numbers carry their derivatives") {
    for (const double x : {-2.5, -0.3, 0.0, 0.7, 3.0}) {
        const Dual<double> at(x, 2);
        CHECK(sin_cos(at).sin.tangent == doctest::Approx(2 * std::cos(x)));
        CHECK(sin_cos(at).cos.tangent == doctest::Approx(-2 * std::sin(x)));
        CHECK(tanh_of(at).tangent == doctest::Approx(2 / (std::cosh(x) * std::cosh(x))));
        CHECK(exp_of(at).tangent == doctest::Approx(2 * std::exp(x)));
    }
}
