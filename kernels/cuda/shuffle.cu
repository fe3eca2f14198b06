#include "kernels/cuda/check.cuh"
#include "kernels/cuda/launcher.cuh"
#include "kernels/step/shuffle.hpp"

#include <cub/device/device_radix_sort.cuh>

namespace poseaug::cuda {
namespace {

/// Where things lie in the scratch of a permutation.
struct SortLayout {
    std::size_t keys, sorted_keys, items, storage, storage_bytes, total;

    explicit SortLayout(std::int64_t n) {
        const auto count = static_cast<std::size_t>(n);
        const auto next = [](std::size_t at, std::size_t bytes) { return (at + bytes + 255) / 256 * 256; };
        keys = 0;
        sorted_keys = next(keys, count * sizeof(std::uint64_t));
        items = next(sorted_keys, count * sizeof(std::uint64_t));
        storage = next(items, count * sizeof(std::int32_t));
        storage_bytes = 0;
        check(sort(nullptr, storage_bytes, nullptr, nullptr, nullptr, nullptr, n, nullptr),
              "sorting a permutation's keys");
        total = storage + storage_bytes;
    }
    static cudaError_t sort(void* storage, std::size_t& bytes, const std::uint64_t* keys, std::uint64_t* sorted,
                            const std::int32_t* items, std::int32_t* order, std::int64_t n, cudaStream_t stream) {
        return cub::DeviceRadixSort::SortPairs(storage, bytes, keys, sorted, items, order, n, 0, 64, stream);
    }
};

struct KeyElement {
    RandomKey key;
    std::uint64_t* keys;
    std::int32_t* items;

    POSEAUG_HD void operator()(int, int i) const {
        keys[i] = permutation_key(key, i);
        items[i] = i;
    }
};

struct ChoiceElement {
    RandomKey key;
    std::int32_t* choice;
    std::int32_t limit;

    POSEAUG_HD void operator()(int, int i) const { choice[i] = choice_of(key, i, limit); }
};

} // namespace

std::size_t permutation_scratch(std::int64_t n) { return SortLayout(n).total; }

void random_permutation(Queue& queue, const RandomKey& key, std::int32_t* order, std::int64_t n, void* scratch) {
    SortLayout at(n);
    auto* const base = static_cast<std::byte*>(scratch);
    auto* const keys = reinterpret_cast<std::uint64_t*>(base + at.keys);
    auto* const sorted_keys = reinterpret_cast<std::uint64_t*>(base + at.sorted_keys);
    auto* const items = reinterpret_cast<std::int32_t*>(base + at.items);
    Launcher(queue, "random permutation").elements(KeyElement{key, keys, items}, 1, static_cast<int>(n));
    // a radix sort is stable: equal keys stay in the items' order, as on the CPU
    check(SortLayout::sort(base + at.storage, at.storage_bytes, keys, sorted_keys, items, order, n,
                           static_cast<cudaStream_t>(queue.stream)),
          "random permutation");
}

void random_choice(Queue& queue, const RandomKey& key, std::int32_t* choice, std::int64_t n, std::int32_t limit) {
    Launcher(queue, "random choice").elements(ChoiceElement{key, choice, limit}, 1, static_cast<int>(n));
}

} // namespace poseaug::cuda
