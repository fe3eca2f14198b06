#pragma once
#include "kernels/column_driver.hpp"
#include "kernels/pose/op_list.hpp"

namespace poseaug {

// What the translation units of this folder provide, for each set of instructions once.
std::vector<CpuEntries> skeleton_entries();
std::vector<CpuEntries> augmentation_entries();
std::vector<CpuEntries> measure_entries();

template <class... O> std::vector<CpuEntries> entries_of_list(TypeList<O...>) { return {column_entries<O>()...}; }

} // namespace poseaug
