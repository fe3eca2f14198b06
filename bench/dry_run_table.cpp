#include "bench/dry_run_table.hpp"

#include "kernels/cuda/resources.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace poseaug::bench {
namespace {

std::string row(const CallCount& count) {
    return fmt::format("  {:<34} {:>8.1f} {:>9.1f} {:>11.2f} {:>10.2f} {:>10.1f}\n", count.name, count.calls,
                       count.launches, count.work.bytes * 1e-6, count.work.flops * 1e-9, count.floor_seconds * 1e6);
}

std::string head(const char* what) {
    return fmt::format("  {:<34} {:>8} {:>9} {:>11} {:>10} {:>10}\n", what, "calls", "launches", "MB", "GFLOP",
                       "floor us");
}

/// A kernel's name without the project's.
std::string short_name(std::string name) {
    constexpr std::string_view project = "poseaug::";
    for (auto at = name.find(project); at != std::string::npos; at = name.find(project)) name.erase(at, project.size());
    return name;
}

std::string compiled_for() {
    const ResourceTable& table = resource_table();
    if (table.kernels.empty()) return "  (this build did not keep what the compiler says of its kernels)\n";
    return "  (registers, shared memory, stack and spills as compiled for " + table.architecture + ")\n";
}

/// Kernels with what the compiler gave them: registers and bytes of stack and spills of a thread, shared bytes of a block.
std::string kernel_rows(const IterationCount& count) {
    std::string text = fmt::format("  {:<58} {:>8} {:>7} {:>5} {:>6} {:>6} {:>6}\n", "kernel", "launches", "threads",
                                   "regs", "shared", "stack", "spills");
    for (const auto& kernel : count.kernels) {
        text += fmt::format("  {:<58} {:>8.1f} {:>7}", short_name(kernel.name), kernel.launches, kernel.threads);
        const KernelResources* r = find_resources(kernel.name);
        text +=
            r ? fmt::format(" {:>5} {:>6} {:>6} {:>6}\n", r->registers, r->shared_bytes, r->stack_bytes, r->spill_bytes)
              : fmt::format(" {:>5} {:>6} {:>6} {:>6}\n", "-", "-", "-", "-");
    }
    return text;
}

} // namespace

std::string dry_run_table(const Estimator& estimator, int batch, const IterationCount& count,
                          const DeviceFloor& floor) {
    constexpr std::size_t longest = 12;
    std::string text = fmt::format("{}, batch {}: one iteration (an augmentor step, half a discriminator step, two "
                                   "estimator steps)\non {}: {:.0f} GB/s, products {:.1f} TFLOP/s, the rest {:.1f} "
                                   "TFLOP/s, {:.1f} us a launch. Nothing was run.\n\n",
                                   estimator.name, batch, floor.name, floor.bytes_per_second * 1e-9,
                                   floor.product_flops * 1e-12, floor.other_flops * 1e-12, floor.launch_seconds * 1e6);
    text += head("phase");
    for (const CallCount& phase : count.phases) text += row(phase);
    text += row(count.total);
    text += fmt::format("  {:<34} {:>52.1f}\n", "the same, branches side by side", count.side_by_side_seconds * 1e6);
    text += row(count.inference) + "\n" + head("op, the longest by the floor");
    for (std::size_t i = 0; i < std::min(longest, count.ops.size()); ++i) text += row(count.ops[i]);
    if (!count.kernels.empty()) text += "\n" + kernel_rows(count) + compiled_for();
    return text;
}

} // namespace poseaug::bench
