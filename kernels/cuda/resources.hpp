#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace poseaug {

/// What a kernel takes of a GPU's processor, as the compiler reports it.
struct KernelResources {
    std::string kernel;   ///< as Launch::kernel has it, ">>" closed up; a library's by its whole signature
    int registers = 0;    ///< of a thread
    int shared_bytes = 0; ///< of a block
    int stack_bytes = 0;  ///< of a thread, in local memory
    int spill_bytes = 0;  ///< written to and read from local memory for want of registers, by a thread
};

/// The newest architecture that this build has compiled code for, and its kernels, by name. Empty in a build without
/// CUDA, and where the compiler's notes were not kept (see cmake/note_kernel_resources.sh).
struct ResourceTable {
    std::string architecture; ///< "sm_90"
    std::vector<KernelResources> kernels;
};
const ResourceTable& resource_table();
inline const std::vector<KernelResources>& kernel_resources() { return resource_table().kernels; }

/// The resources of the kernel that a launch names (Launch::kernel); null if they are not known.
const KernelResources* find_resources(std::string_view launch);

/// A kernel's name as Launch::kernel has it, from the compiler's: "_ZN7poseaug4cuda12block_kernel..." to
/// "block_kernel<poseaug::GatherBlock<float>>".
std::string launch_name(const std::string& mangled);

/// Reads lines "architecture mangled-name registers shared stack spills" of any number of architectures. Throws Error
/// for a line that is none.
ResourceTable parse_resources(std::string_view notes);

/// The lines that the build has put into this program.
std::string_view resource_notes();

} // namespace poseaug
