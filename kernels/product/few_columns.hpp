#pragma once
#include "kernels/instructions.hpp"

namespace poseaug {

/// A product of few columns, such as a node network's estimate of a single pose is made of: c (m, n) = a (m, k) b (k, n), or a' b for
/// a (k, m). A call has in = {a, b} and out = {c}. It gives the same bits on any number of threads.
///
/// BLAS copies `a` to blocks for its inner loop, which pays where each element is used for many columns. Here `a`, the
/// weights, is read where it lies, once, and b is what is copied.
struct FewColumns {
    static constexpr std::string_view name = "few_columns_product";
    std::int32_t transposed = 0; ///< 1: a is (k, m), and c = a' b
};

/// Its code in this translation unit's instructions.
CpuEntries few_columns_entries();

} // namespace poseaug
