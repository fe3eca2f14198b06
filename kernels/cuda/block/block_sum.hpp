#pragma once
#include "kernels/scalar.hpp"

namespace poseaug {

/// A sum over the threads of a block in an order that never changes: every thread puts its term; barrier; every thread
/// folds; barrier; every thread may read the total.
template <class T, int Threads> struct BlockSum {
    static constexpr int kParts = Threads >= 1024 ? 32 : 16;
    T of_thread[Threads], of_part[kParts];

    POSEAUG_HD void put(int thread, T term) { of_thread[thread] = term; }
    POSEAUG_HD void fold(int thread) {
        if (thread >= kParts) return;
        T sum = of_thread[thread];
        for (int k = thread + kParts; k < Threads; k += kParts) sum += of_thread[k];
        of_part[thread] = sum;
    }
    POSEAUG_HD T total() const {
        T sum = of_part[0];
        for (int k = 1; k < kParts; ++k) sum += of_part[k];
        return sum;
    }
};

/// Threads of a block that goes along rows of `cols` elements.
inline constexpr int kRowThreads = 256, kWideRowThreads = 1024;
inline bool is_wide_row(int cols) { return cols > 16 * kRowThreads; }

template <class T> POSEAUG_HD void add_or_store(T value, T& to, bool add) { to = add ? to + value : value; }

} // namespace poseaug
