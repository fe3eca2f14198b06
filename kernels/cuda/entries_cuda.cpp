#include "kernels/cuda/entries.hpp"

#include <map>

namespace poseaug {

CudaEntries cuda_entries(std::string_view op) {
    static const auto all = [] {
        std::map<std::string_view, CudaEntries> by_name;
        for (const auto part : {cuda::skeleton_entries, cuda::augmentation_entries, cuda::measure_entries,
                                cuda::network_entries, cuda::step_entries})
            for (const cuda::NamedEntries& named : part()) by_name.emplace(named.name, named.entries);
        return by_name;
    }();
    const auto found = all.find(op);
    return found == all.end() ? CudaEntries{} : found->second;
}

} // namespace poseaug
