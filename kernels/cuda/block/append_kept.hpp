#pragma once
#include "kernels/cuda/block/block_sum.hpp"
#include "kernels/cuda/block/lane.hpp"
#include "kernels/step/procedures.hpp"

#include <algorithm>

namespace poseaug {

template <class T> POSEAUG_HD bool inside_image(const View<const T>& image, int c, bool two_sided) {
    bool inside = true;
    for (int r = 0; r < image.rows; ++r) {
        const T v = image(r, c);
        inside = inside && v <= T(1) && (!two_sided || v >= T(-1));
    }
    return inside;
}

/// What both kernels work on. A block has a run of tiles of 128 columns, so that there are never more than
/// kAppendBlocks of them; in scratch lie the blocks' counts and after them how many columns the stores held before.
template <class T> struct AppendKeptArgs {
    static constexpr int columns = 128; ///< of a tile

    View<const T> image, pose;
    AppendKept to;
    std::int32_t* counts;
    int blocks, tiles; ///< blocks in all, and tiles of each

    AppendKeptArgs(const Call<T>& call)
        : image(call.in[0]), pose(call.in[1]), to(call.attributes.template as<AppendKept>()),
          counts(reinterpret_cast<std::int32_t*>(call.scratch)) {
        const auto runs = [](int n, int length) { return (n - 1) / length + 1; };
        const int all = std::max(1, runs(image.cols, columns));
        tiles = runs(all, kAppendBlocks);
        blocks = runs(all, tiles);
    }
    /// 1 or 0. Columns of the last tiles may lie beyond the last, and beyond an int.
    POSEAUG_HD int keeps(std::int64_t c) const {
        return c < image.cols && inside_image(image, static_cast<int>(c), to.two_sided != 0);
    }
    POSEAUG_HD std::int64_t first_column(int block) const { return std::int64_t{block} * tiles * columns; }
};

/// Counts each block's kept columns, and notes where the stores end, which the other kernel moves on.
template <class T> struct CountKeptBlock {
    static constexpr int threads = 128, phases = 3;
    using Args = AppendKeptArgs<T>;
    using Shared = BlockSum<int, threads>;

    template <int P> POSEAUG_HD static void phase(const Args& a, Shared& s, const Lane& lane) {
        if constexpr (P == 0) {
            const std::int64_t first = a.first_column(lane.block) + lane.thread;
            int kept = 0;
            for (int k = 0; k < a.tiles * Args::columns; k += threads) kept += a.keeps(first + k);
            s.put(lane.thread, kept);
        }
        if constexpr (P == 1) s.fold(lane.thread);
        if constexpr (P == 2) {
            if (lane.thread == 0) a.counts[lane.block] = s.total();
            if (lane.thread == 0 && lane.block == 0) a.counts[a.blocks] = *a.to.count;
        }
    }
};

/// Copies a block's kept columns behind those of the blocks before it, a tile a round.
template <class T> struct AppendKeptBlock {
    static constexpr int threads = 256, phases = 4;
    using Args = AppendKeptArgs<T>;
    static constexpr int columns = Args::columns;
    struct Shared {
        BlockSum<int, threads> before; ///< kept columns of earlier blocks
        std::int64_t end;              ///< of the stores, with the tiles before this one
        int kept[columns];             ///< 1 or 0
        int chosen[columns];           ///< the kept columns of the tile, in order
        int count;
    };

    POSEAUG_HD static int rounds(const Args& a) { return a.tiles; }

    template <int P> POSEAUG_HD static void phase(const Args& a, Shared& s, const Lane& lane) {
        const std::int64_t first = a.first_column(lane.block) + std::int64_t{lane.round} * columns;
        if constexpr (P == 0) {
            if (lane.round == 0) {
                int before = 0;
                for (int b = lane.thread; b < lane.block; b += threads) before += a.counts[b];
                s.before.put(lane.thread, before);
            } else if (lane.thread == 0) {
                s.end += s.count;
            }
            if (lane.thread < columns) s.kept[lane.thread] = a.keeps(first + lane.thread);
        }
        if constexpr (P == 1)
            if (lane.round == 0) s.before.fold(lane.thread);
        if constexpr (P == 2) {
            if (lane.thread < columns) rank(s, lane, first);
            if (lane.thread == 0 && lane.round == 0) s.end = std::int64_t{a.counts[a.blocks]} + s.before.total();
        }
        if constexpr (P == 3) {
            append(a.image, static_cast<T*>(a.to.images), s, lane);
            append(a.pose, static_cast<T*>(a.to.poses), s, lane);
            if (lane.thread == 0 && lane.block + 1 == a.blocks && lane.round + 1 == a.tiles)
                *a.to.count = static_cast<std::int32_t>(s.end + s.count);
        }
    }

private:
    POSEAUG_HD static void rank(Shared& s, const Lane& lane, std::int64_t first) {
        int at = 0;
        for (int k = 0; k < lane.thread; ++k) at += s.kept[k];
        if (s.kept[lane.thread]) s.chosen[at] = static_cast<int>(first) + lane.thread;
        if (lane.thread + 1 == columns) s.count = at + s.kept[lane.thread];
    }
    POSEAUG_HD static void append(const View<const T>& from, T* to, const Shared& s, const Lane& lane) {
        for (int i = lane.thread; i < s.count * from.rows; i += threads)
            to[item_element(s.end, from.rows, i)] = from(i % from.rows, s.chosen[i / from.rows]);
    }
};

struct AppendKeptKernels {
    using Params = AppendKept;

    template <class T, class L> static void value(L& launch, const Call<T>& call) {
        const AppendKeptArgs<T> args(call);
        launch.template blocks<CountKeptBlock<T>>(args, args.blocks);
        launch.template blocks<AppendKeptBlock<T>>(args, args.blocks);
    }
};

} // namespace poseaug
