#include "kernels/step/shuffle.hpp"

#include <algorithm>
#include <utility>

namespace poseaug {

namespace {
using Keyed = std::pair<std::uint64_t, std::int32_t>;

template <class F> void for_items(Queue& queue, std::int64_t n, const F& f) {
    constexpr std::int64_t chunk = 1 << 16;
    queue.pool->parallel_for(static_cast<int>((n + chunk - 1) / chunk), [&](int k) {
        for (std::int64_t i = k * chunk; i < std::min(n, (k + 1) * chunk); ++i) f(i);
    });
}
/// Whether a GPU has to do it: a dry run's memory is the host's.
bool on_gpu(const Queue& queue) { return queue.cuda && !queue.launches; }
} // namespace

void expect_items(std::int64_t n) {
    if (n <= kMaxExtent) return;
    throw Error("a data set of " + std::to_string(n) + " poses is too large: " + std::to_string(kMaxExtent) +
                " are the most");
}

std::size_t permutation_scratch(const Queue& queue, std::int64_t n) {
    expect_items(n);
    return on_gpu(queue) ? cuda::permutation_scratch(n) : static_cast<std::size_t>(n) * sizeof(Keyed);
}

void random_permutation(Queue& queue, const RandomKey& key, std::int32_t* order, std::int64_t n, void* scratch) {
    expect_items(n);
    if (on_gpu(queue)) return cuda::random_permutation(queue, key, order, n, scratch);
    auto* items = static_cast<Keyed*>(scratch);
    for_items(queue, n, [&](std::int64_t i) { items[i] = {permutation_key(key, i), static_cast<std::int32_t>(i)}; });
    std::sort(items, items + n);
    for_items(queue, n, [&](std::int64_t i) { order[i] = items[i].second; });
}

void random_choice(Queue& queue, const RandomKey& key, std::int32_t* choice, std::int64_t n, std::int32_t limit) {
    expect_items(n);
    if (on_gpu(queue)) return cuda::random_choice(queue, key, choice, n, limit);
    for_items(queue, n, [&](std::int64_t i) { choice[i] = choice_of(key, i, limit); });
}

} // namespace poseaug
