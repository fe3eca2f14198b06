#pragma once

namespace poseaug {

/// A list of types.
template <class... O> struct TypeList {};

template <class... A, class... B> TypeList<A..., B...> operator+(TypeList<A...>, TypeList<B...>) { return {}; }

/// Calls f.operator()<O>() for each type of a list.
template <class F, class... O> void for_each_type(TypeList<O...>, F&& f) { (f.template operator()<O>(), ...); }

} // namespace poseaug
