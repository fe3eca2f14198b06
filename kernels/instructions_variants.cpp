#include "kernels/instructions.hpp"

#include <cpuid.h>

// The only symbols of the variants' objects (cmake/join_variant.sh).
extern "C" void poseaug_cpu_entries_avx2(std::vector<poseaug::CpuEntries>& entries);
extern "C" void poseaug_cpu_entries_avx512(std::vector<poseaug::CpuEntries>& entries);

namespace poseaug {
namespace {

/// What of x86-64-v3 the compiler's own test cannot be asked for.
bool has_f16c_movbe_lzcnt() {
    unsigned a = 0, b = 0, c = 0, d = 0;
    constexpr unsigned kF16c = 1U << 29, kMovbe = 1U << 22, kLzcnt = 1U << 5;
    if (!__get_cpuid(1, &a, &b, &c, &d) || (c & kF16c) == 0 || (c & kMovbe) == 0) return false;
    return __get_cpuid(0x80000001, &a, &b, &c, &d) && (c & kLzcnt) != 0;
}

// The tests include the operating system's: whether it saves the registers.

bool runs_avx2() {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi") &&
           __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt") && has_f16c_movbe_lzcnt();
}

bool runs_avx512() {
    return runs_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl");
}

} // namespace

std::vector<Instructions> runnable_variants() {
    std::vector<Instructions> all;
    if (runs_avx2()) all.push_back({"avx2", "AVX2", poseaug_cpu_entries_avx2});
    if (runs_avx512()) all.push_back({"avx512", "AVX-512", poseaug_cpu_entries_avx512});
    return all;
}

} // namespace poseaug
