#include "kernels/cuda/resources.hpp"

// The linker's names of the section's two ends; null where no object file has it.
extern "C" {
extern const char __start_poseaug_resources[] __attribute__((weak, visibility("hidden"))); // NOLINT
extern const char __stop_poseaug_resources[] __attribute__((weak, visibility("hidden")));  // NOLINT
}

namespace poseaug {

std::string_view resource_notes() {
    const char* const begin = __start_poseaug_resources;
    if (!begin) return {};
    return {begin, static_cast<std::size_t>(__stop_poseaug_resources - begin)};
}

} // namespace poseaug
