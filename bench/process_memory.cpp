#include "bench/process_memory.hpp"

#include "kernels/error.hpp"

#include <malloc.h>

#include <fstream>
#include <string>

namespace poseaug::bench {
namespace {

/// A figure of /proc/self/status such as "VmRSS", in bytes.
double status(const std::string& name) {
    std::ifstream file("/proc/self/status");
    for (std::string word; file >> word;)
        if (double kibibytes = 0; word == name + ":" && file >> kibibytes) return kibibytes * 1024;
    throw Error("the system does not tell this process's memory (/proc/self/status has no " + name + ")");
}

} // namespace

MemoryGrowth::MemoryGrowth() {
    malloc_trim(0);
    std::ofstream reset("/proc/self/clear_refs");
    if (!(reset << "5" << std::flush)) // "5" sets the peak to what is resident now
        throw Error("the system does not let this process measure its peak memory (/proc/self/clear_refs)");
    before_ = status("VmRSS");
}

double MemoryGrowth::peak() const { return status("VmHWM") - before_; }

} // namespace poseaug::bench
