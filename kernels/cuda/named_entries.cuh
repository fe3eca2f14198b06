#pragma once
#include "kernels/cuda/entries.hpp"
#include "kernels/cuda/launcher.cuh"
#include "kernels/type_list.hpp"

namespace poseaug::cuda {

template <class K, class T> void run_value(Queue& queue, const Call<T>& call) {
    Launcher launch(queue, K::Params::name);
    K::value(launch, call);
}
template <class K, class T> void run_vjp(Queue& queue, const Call<T>& call) {
    Launcher launch(queue, K::Params::name);
    K::vjp(launch, call);
}

template <class K, class T> Entries<T> entries_of() {
    Entries<T> entries;
    entries.value.cuda = run_value<K, T>;
    if constexpr (requires(Launcher launch, const Call<T> call) { K::vjp(launch, call); })
        entries.vjp.cuda = run_vjp<K, T>;
    return entries;
}

/// The GPU's entries of an op whose kernels are K::value and K::vjp (none for a procedure).
template <class K> NamedEntries named_entries() {
    return {K::Params::name, {entries_of<K, float>(), entries_of<K, double>()}};
}

template <class... K> std::vector<NamedEntries> entries_of_list(TypeList<K...>) { return {named_entries<K>()...}; }

} // namespace poseaug::cuda
