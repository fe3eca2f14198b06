#pragma once
#include "kernels/cuda/block/lane.hpp"
#include "kernels/step/procedures.hpp"

namespace poseaug {

// Transposes between pose-major data and batch-last matrices through tiles of shared memory, so that both sides are
// read and written along their rows. Blocks go over the tiles of the matrix, along its columns first.

inline constexpr int kTile = 32;
POSEAUG_HD constexpr int tiles_of(int n) { return (n + kTile - 1) / kTile; }
constexpr std::int64_t tiles_of(int rows, int cols) {
    return static_cast<std::int64_t>(tiles_of(rows)) * tiles_of(cols);
}

template <class T> struct Tile {
    T element[kTile][kTile + 1]; // the odd width keeps columns in different memory banks
};

/// The tiles of the first matrix, then those of the second.
template <class T> struct GatherBlock {
    static constexpr int threads = 256, phases = 2;
    struct Args {
        View<T> out[2];
        Gather from;
    };
    using Shared = Tile<T>;

    template <int P> POSEAUG_HD static void phase(const Args& a, Shared& s, const Lane& lane) {
        const int tiles = tiles_of(a.out[0].rows) * tiles_of(a.out[0].cols);
        if (lane.block < tiles) move<P>(a.out[0], a.from.data, a.from, s, lane.thread, lane.block);
        else move<P>(a.out[1], a.from.beside, a.from, s, lane.thread, lane.block - tiles);
    }

private:
    template <int P>
    POSEAUG_HD static void move(const View<T>& out, const void* data, const Gather& from, Shared& s, int thread,
                                int tile) {
        const int columns = tiles_of(out.cols), first_row = tile / columns * kTile, first_col = tile % columns * kTile;
        for (int i = thread; i < kTile * kTile; i += threads) {
            if constexpr (P == 0) {
                const int r = first_row + i % kTile, c = first_col + i / kTile;
                if (r < out.rows && c < out.cols)
                    s.element[i / kTile][i % kTile] =
                        static_cast<const T*>(data)[item_element(item(from, c), out.rows, r)];
            } else {
                const int r = first_row + i / kTile, c = first_col + i % kTile;
                if (r < out.rows && c < out.cols) out(r, c) = s.element[i % kTile][i / kTile];
            }
        }
    }
    POSEAUG_HD static std::int64_t item(const Gather& from, int c) {
        return item_at(from.order, first_item(from.state, from.batch) + c);
    }
};

struct GatherKernels {
    using Params = Gather;

    template <class T, class L> static void value(L& launch, const Call<T>& call) {
        const View<T>&a = call.out[0], &b = call.out[1];
        launch.template blocks<GatherBlock<T>>({{a, b}, call.attributes.template as<Params>()},
                                               tiles_of(a.rows, a.cols) + tiles_of(b.rows, b.cols));
    }
};

/// Element i of the batch's items, one after another, so that neighbours read neighbours over the bus.
template <class T> struct FetchElement {
    View<T> out;
    Fetch from;

    POSEAUG_HD void operator()(int, int i) const {
        const int item = i / out.cols, r = i % out.cols;
        const std::int64_t at = first_item(from.state, from.batch) + from.ahead * from.batch + item;
        if (at < from.items) out(item, r) = static_cast<const T*>(from.data)[item_element(from.order[at], out.cols, r)];
    }
};

struct FetchKernels {
    using Params = Fetch;

    template <class T, class L> static void value(L& launch, const Call<T>& call) {
        const View<T>& out = call.out[0];
        launch.elements(FetchElement<T>{out, call.attributes.template as<Params>()}, 1,
                        extent(Fetch::name, out.size()));
    }
};

template <class T> struct ScatterBlock {
    static constexpr int threads = 256, phases = 2;
    struct Args {
        View<const T> in;
        Scatter to;
    };
    using Shared = Tile<T>;

    template <int P> POSEAUG_HD static void phase(const Args& a, Shared& s, const Lane& lane) {
        const int columns = tiles_of(a.in.cols);
        const int first_row = lane.block / columns * kTile, first_col = lane.block % columns * kTile;
        const std::int64_t first = first_item(a.to.state, a.to.batch);
        for (int i = lane.thread; i < kTile * kTile; i += threads) {
            if constexpr (P == 0) {
                const int r = first_row + i / kTile, c = first_col + i % kTile;
                if (r < a.in.rows && c < a.in.cols) s.element[i / kTile][i % kTile] = a.in(r, c);
            } else {
                const int r = first_row + i % kTile, c = first_col + i / kTile;
                if (r < a.in.rows && c < a.in.cols)
                    static_cast<T*>(a.to.data)[item_element(first + c, a.in.rows, r)] = s.element[i % kTile][i / kTile];
            }
        }
    }
};

struct ScatterKernels {
    using Params = Scatter;

    template <class T, class L> static void value(L& launch, const Call<T>& call) {
        const View<const T>& in = call.in[0];
        launch.template blocks<ScatterBlock<T>>({in, call.attributes.template as<Params>()},
                                                tiles_of(in.rows, in.cols));
    }
};

} // namespace poseaug
