#include "kernels/step/shuffle.hpp"

namespace poseaug::cuda {

namespace {
[[noreturn]] void refuse() { throw Error("this build has no CUDA (configure with -DPOSEAUG_CUDA=ON)"); }
} // namespace

std::size_t permutation_scratch(std::int64_t) { refuse(); }
void random_permutation(Queue&, const RandomKey&, std::int32_t*, std::int64_t, void*) { refuse(); }
void random_choice(Queue&, const RandomKey&, std::int32_t*, std::int64_t, std::int32_t) { refuse(); }

} // namespace poseaug::cuda
