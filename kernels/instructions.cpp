#include "kernels/instructions.hpp"

#include <algorithm>
#include <cstdlib>

namespace poseaug {
namespace {

/// What this file, and with it all that is no variant, is compiled for.
constexpr Instructions own_instructions() {
#if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512DQ__) && defined(__AVX512VL__)
    return {"avx512", "AVX-512"};
#elif defined(__AVX2__) && defined(__FMA__)
    return {"avx2", "AVX2"};
#elif defined(__SSE2__)
    return {"portable", "SSE2"};
#elif defined(__ARM_NEON)
    return {"portable", "NEON"};
#else
    return {"portable", "portable"};
#endif
}

} // namespace

std::vector<Instructions> runnable_instructions() {
    std::vector<Instructions> all = {own_instructions()};
    for (const Instructions& variant : runnable_variants()) all.push_back(variant);
    return all;
}

const Instructions& find_instructions(const std::vector<Instructions>& all, const char* name) {
    const std::string wanted = name ? name : "";
    if (wanted.empty()) return all.back();
    const auto found = std::ranges::find(all, wanted, &Instructions::name);
    if (found != all.end()) return *found;
    std::string names;
    for (const Instructions& one : all) names += (names.empty() ? "" : ", ") + std::string(one.name);
    throw Error("POSEAUG_INSTRUCTIONS is '" + wanted + "', and this build on this processor can do " + names);
}

const Instructions& chosen_instructions() {
    static const std::vector<Instructions> all = runnable_instructions();
    static const Instructions& chosen = find_instructions(all, std::getenv("POSEAUG_INSTRUCTIONS"));
    return chosen;
}

} // namespace poseaug
