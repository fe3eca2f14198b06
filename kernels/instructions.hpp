#pragma once
#include "kernels/op.hpp"

#include <vector>

namespace poseaug {

/// The CPU's entry points of an op or of a procedure; null what it has not.
struct CpuEntries {
    std::string_view name;
    Entries<float> f32;
    Entries<double> f64;
};

/// Instructions that the SIMD code of this program is compiled for: all of it once for the oldest processor of the
/// architecture, and kernels once more for each variant (cmake/Variants.cmake).
struct Instructions {
    std::string_view name;                            ///< as POSEAUG_INSTRUCTIONS has it: "portable", "avx2", "avx512"
    std::string_view title;                           ///< for people: "SSE2", "NEON", "AVX2", "AVX-512"
    void (*list)(std::vector<CpuEntries>&) = nullptr; ///< appends the variant's entries; null: rows have their own
};

/// The variants that this processor and its operating system can run, the fastest last; none in a build for one
/// processor.
std::vector<Instructions> runnable_variants();

/// What this program can do here: what all of it is compiled for, then the variants.
std::vector<Instructions> runnable_instructions();

/// The one of `all` that is named, or the last where `name` is null or empty. Throws Error if none has that name.
const Instructions& find_instructions(const std::vector<Instructions>& all, const char* name);

/// What CPU kernels run on: what the environment variable POSEAUG_INSTRUCTIONS names, else the fastest. Stays the same
/// while the program runs. Throws Error if the variable names what this program cannot do here.
const Instructions& chosen_instructions();

} // namespace poseaug
