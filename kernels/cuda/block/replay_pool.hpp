#pragma once
#include "kernels/cuda/block/lane.hpp"
#include "kernels/step/procedures.hpp"

namespace poseaug {

/*
The replay pool's items are taken in batch order, yet all at once. An item takes a slot if the pool is still filling or
its coin says so. It is shown what the last earlier item of the batch to take that slot put there, else what the slot
held before. The first to take a slot also stores the item that takes it last, so that a slot is read and written by one
block alone.

A block has 32 items; every round it looks at the slots that a stretch of the batch takes.
*/
template <class T> struct ReplayPoolBlock {
    static constexpr int threads = 256, phases = 4;
    static constexpr int items = 32, lookers = threads / items, stretch = 1024;
    struct Args {
        View<const T> fake, draws;
        View<T> shown;
        ReplayPool pool;
    };
    struct Shared {
        int slot[stretch];              ///< taken by the items of this round's stretch; -1: none
        int before[items][lookers + 1]; ///< the last earlier item of the same slot, of those a thread saw; -1: none
        int last[items][lookers + 1];   ///< the last item of the same slot, of those a thread saw
        int slot_of[items], source[items],
            store[items]; ///< of this block's items; source, store: an item, -1 the pool / none
    };
    POSEAUG_HD static int rounds(const Args& a) { return (a.fake.cols + stretch - 1) / stretch; }

    template <int P> POSEAUG_HD static void phase(const Args& a, Shared& s, const Lane& lane) {
        const bool last_round = lane.round + 1 == rounds(a);
        if constexpr (P == 0) load(a, s, lane);
        if constexpr (P == 1) look(a, s, lane);
        if constexpr (P == 2)
            if (last_round && lane.thread < items) decide(a, s, lane);
        if constexpr (P == 3)
            if (last_round) move(a, s, lane);
    }

private:
    POSEAUG_HD static int slot_taken(const Args& a, int c) {
        const std::int64_t filled = *a.pool.filled;
        if (filled + c < a.pool.capacity) return static_cast<int>(filled) + c;
        return a.draws(0, c) > T(0.5) ? static_cast<int>(a.draws(1, c)) : -1;
    }
    POSEAUG_HD static void load(const Args& a, Shared& s, const Lane& lane) {
        for (int i = lane.thread; i < stretch; i += threads) {
            const int c = lane.round * stretch + i;
            s.slot[i] = c < a.fake.cols ? slot_taken(a, c) : -1;
        }
        if (lane.round > 0) return;
        const int item = lane.thread / lookers, c = lane.block * items + item;
        s.before[item][lane.thread % lookers] = s.last[item][lane.thread % lookers] = -1;
        if (lane.thread % lookers == 0) s.slot_of[item] = c < a.fake.cols ? slot_taken(a, c) : -1;
    }
    POSEAUG_HD static void look(const Args&, Shared& s, const Lane& lane) {
        const int item = lane.thread / lookers, me = lane.block * items + item;
        if (s.slot_of[item] < 0) return;
        for (int i = lane.thread % lookers; i < stretch; i += lookers) {
            if (s.slot[i] != s.slot_of[item]) continue;
            const int c = lane.round * stretch + i;
            s.last[item][lane.thread % lookers] = c;
            if (c < me) s.before[item][lane.thread % lookers] = c;
        }
    }
    POSEAUG_HD static void decide(const Args& a, Shared& s, const Lane& lane) {
        const int item = lane.thread, me = lane.block * items + item;
        int before = -1, last = -1;
        for (int k = 0; k < lookers; ++k) {
            before = before > s.before[item][k] ? before : s.before[item][k];
            last = last > s.last[item][k] ? last : s.last[item][k];
        }
        const bool taking = s.slot_of[item] >= 0;
        const bool filling = *a.pool.filled + static_cast<std::int64_t>(me) < a.pool.capacity;
        s.source[item] = taking && !filling ? before : me;
        s.store[item] = taking && before < 0 ? last : -1;
    }
    POSEAUG_HD static void move(const Args& a, Shared& s, const Lane& lane) {
        const int rows = a.fake.rows;
        for (int i = lane.thread; i < items * rows; i += threads) {
            const int item = i % items, r = i / items, c = lane.block * items + item;
            if (c >= a.fake.cols) continue;
            T* const kept = static_cast<T*>(a.pool.items) + item_element(s.slot_of[item], rows, r);
            a.shown(r, c) = s.source[item] < 0 ? *kept : a.fake(r, s.source[item]);
            if (s.store[item] >= 0) *kept = a.fake(r, s.store[item]);
        }
    }
};

struct CountFilled {
    ReplayPool pool;
    int batch;

    POSEAUG_HD void operator()(int, int) const {
        const std::int64_t after = static_cast<std::int64_t>(*pool.filled) + batch;
        *pool.filled = static_cast<std::int32_t>(after < pool.capacity ? after : pool.capacity);
    }
};

struct ReplayPoolKernels {
    using Params = ReplayPool;

    template <class T, class L> static void value(L& launch, const Call<T>& call) {
        using Block = ReplayPoolBlock<T>;
        const auto pool = call.attributes.template as<Params>();
        const int batch = call.in[0].cols;
        launch.template blocks<Block>({call.in[0], call.in[1], call.out[0], pool},
                                      (batch + Block::items - 1) / Block::items);
        launch.elements(CountFilled{pool, batch}, 1, 1);
    }
};

} // namespace poseaug
