#pragma once
#include "kernels/cuda/block/grid.hpp"
#include "kernels/cuda/block/lane.hpp"

#include <algorithm>
#include <cstring>
#include <memory>
#include <numeric>
#include <random>
#include <type_traits>
#include <vector>

namespace poseaug {

/// Runs bodies of GPU kernels on the CPU, for tests: elements, blocks and the threads of every phase one after another
/// in shuffled order, shared memory full of garbage at first.
class HostRunner {
public:
    explicit HostRunner(unsigned seed) : random_(seed) {}

    template <class F> void elements(const F& body, int rows, int cols) {
        static_assert(std::is_trivially_copyable_v<F>);
        for (const int r : shuffled(rows))
            for (const int c : shuffled(cols)) body(r, c);
    }
    template <class F> void columns(const F& body, int cols) {
        static_assert(std::is_trivially_copyable_v<F>);
        for (const int c : shuffled(cols)) body(c);
    }
    template <class B> void blocks(const typename B::Args& args, std::int64_t count) {
        static_assert(std::is_trivially_copyable_v<typename B::Args>);
        static_assert(sizeof(typename B::Shared) <= 48 * 1024, "more shared memory than a block has");
        const auto shared = std::make_unique_for_overwrite<typename B::Shared>();
        for (const int block : shuffled(block_count(count))) {
            std::memset(static_cast<void*>(shared.get()), 0xC9, sizeof(typename B::Shared));
            for (int round = 0; round < rounds_of<B>(args); ++round)
                phases<B>(args, *shared, block, round, std::make_integer_sequence<int, B::phases>{});
        }
    }

private:
    template <class B, int... P>
    void phases(const typename B::Args& args, typename B::Shared& shared, int block, int round,
                std::integer_sequence<int, P...>) {
        (phase<B, P>(args, shared, block, round), ...);
    }
    template <class B, int P>
    void phase(const typename B::Args& args, typename B::Shared& shared, int block, int round) {
        for (const int thread : shuffled(B::threads)) B::template phase<P>(args, shared, Lane{thread, block, round});
    }
    std::vector<int> shuffled(int n) {
        std::vector<int> order(static_cast<std::size_t>(n));
        std::iota(order.begin(), order.end(), 0);
        std::shuffle(order.begin(), order.end(), random_);
        return order;
    }

    std::mt19937 random_;
};

} // namespace poseaug
