#include "kernels/backends.hpp"

#include "kernels/step/procedures.hpp"

#include <map>

namespace poseaug {
namespace {

/// Empty where rows have their own.
CpuEntries chosen_entries(std::string_view name) {
    static const auto all = [] {
        std::vector<CpuEntries> list;
        if (const auto append = chosen_instructions().list) append(list);
        std::map<std::string_view, CpuEntries> by_name;
        for (const CpuEntries& entries : list) by_name.emplace(entries.name, entries);
        return by_name;
    }();
    const auto found = all.find(name);
    return found == all.end() ? CpuEntries{} : found->second;
}

template <class T> Entry<T> joined(const Entry<T>& own, const Entry<T>& chosen, const Entry<T>& cuda) {
    return {chosen.cpu ? chosen.cpu : own.cpu, cuda.cuda};
}

template <class T> Entries<T> joined(const Entries<T>& own, const Entries<T>& chosen, const Entries<T>& cuda) {
    return {joined(own.value, chosen.value, cuda.value), joined(own.vjp, chosen.vjp, cuda.vjp)};
}

} // namespace

CpuEntries in_chosen_instructions(const CpuEntries& own) {
    const CpuEntries chosen = chosen_entries(own.name);
    return {own.name, joined(own.f32, chosen.f32, {}), joined(own.f64, chosen.f64, {})};
}

void add_backends(Op& op) {
    const CpuEntries chosen = chosen_entries(op.name);
    const CudaEntries cuda = cuda_entries(op.name);
    op.f32 = joined(op.f32, chosen.f32, cuda.f32);
    op.f64 = joined(op.f64, chosen.f64, cuda.f64);
}

void add_backends(Procedure& procedure) {
    const CpuEntries chosen = chosen_entries(procedure.name);
    const CudaEntries cuda = cuda_entries(procedure.name);
    procedure.f32 = joined(procedure.f32, chosen.f32.value, cuda.f32.value);
    procedure.f64 = joined(procedure.f64, chosen.f64.value, cuda.f64.value);
}

} // namespace poseaug
