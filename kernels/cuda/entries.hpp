#pragma once
#include "kernels/op.hpp"

#include <vector>

namespace poseaug::cuda {

struct NamedEntries {
    std::string_view name;
    CudaEntries entries;
};

// What the translation units of this folder provide.
std::vector<NamedEntries> skeleton_entries();
std::vector<NamedEntries> augmentation_entries();
std::vector<NamedEntries> measure_entries();
std::vector<NamedEntries> network_entries();
std::vector<NamedEntries> step_entries();

} // namespace poseaug::cuda
