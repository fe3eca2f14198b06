#pragma once
#include "kernels/scalar.hpp"

namespace poseaug {

/*
The bodies of GPU kernels, in plain C++: nvcc makes kernels of them, and tests run the same code on the CPU.

An element body is a functor with `void operator()(int row, int col) const` (or `(int col) const`, for columns), called
once for every element, in any order. A block body is a struct with

    static constexpr int threads;                  // of a block
    struct Args { ... };                           // trivially copyable
    struct Shared { ... };                         // shared memory of a block, uninitialised
    static constexpr int phases;                   // a barrier follows each
    static int rounds(const Args&);                // optional: how often the phases are gone through, once by default
    template <int P> static void phase(const Args&, Shared&, const Lane&);

What passes from a phase to the next lives in Shared: within a phase the threads run in any order, one after another or
together.
*/

/// Who runs a phase.
struct Lane {
    int thread = 0, block = 0, round = 0;
};

template <class B> POSEAUG_HD int rounds_of(const typename B::Args& args) {
    if constexpr (requires { B::rounds(args); }) return B::rounds(args);
    else return 1;
}

} // namespace poseaug
