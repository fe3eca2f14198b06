#pragma once
#include "kernels/cuda/block/block_sum.hpp"
#include "kernels/cuda/block/lane.hpp"
#include "kernels/step/procedures.hpp"

namespace poseaug {

template <class T> POSEAUG_HD bool inside_image(const View<const T>& image, int c, bool two_sided) {
    bool inside = true;
    for (int r = 0; r < image.rows; ++r) {
        const T v = image(r, c);
        inside = inside && v <= T(1) && (!two_sided || v >= T(-1));
    }
    return inside;
}

/// A block has 128 columns and counts the kept ones before them itself, so that none waits for another.
template <class T> struct AppendKeptBlock {
    static constexpr int threads = 256, phases = 4, columns = 128;
    struct Args {
        View<const T> image, pose;
        AppendKept to;
    };
    struct Shared {
        BlockSum<int, threads> before; ///< kept columns of earlier blocks
        int kept[columns];             ///< 1 or 0
        int chosen[columns];           ///< the kept columns of this block, in order
        int count;
    };

    template <int P> POSEAUG_HD static void phase(const Args& a, Shared& s, const Lane& lane) {
        const int first = lane.block * columns;
        if constexpr (P == 0) {
            int before = 0;
            for (int c = lane.thread; c < first; c += threads) before += inside_image(a.image, c, a.to.two_sided != 0);
            s.before.put(lane.thread, before);
            if (lane.thread < columns) {
                const int c = first + lane.thread;
                s.kept[lane.thread] = c < a.image.cols && inside_image(a.image, c, a.to.two_sided != 0);
            }
        }
        if constexpr (P == 1) s.before.fold(lane.thread);
        if constexpr (P == 2)
            if (lane.thread < columns) rank(s, lane, first);
        if constexpr (P == 3) {
            const std::int64_t base = *a.to.count + static_cast<std::int64_t>(s.before.total());
            append(a.image, static_cast<T*>(a.to.images), base, s, lane);
            append(a.pose, static_cast<T*>(a.to.poses), base, s, lane);
        }
    }

private:
    POSEAUG_HD static void rank(Shared& s, const Lane& lane, int first) {
        int at = 0;
        for (int k = 0; k < lane.thread; ++k) at += s.kept[k];
        if (s.kept[lane.thread]) s.chosen[at] = first + lane.thread;
        if (lane.thread + 1 == columns) s.count = at + s.kept[lane.thread];
    }
    POSEAUG_HD static void append(const View<const T>& from, T* to, std::int64_t base, const Shared& s,
                                  const Lane& lane) {
        for (int i = lane.thread; i < s.count * from.rows; i += threads)
            to[item_element(base, from.rows, i)] = from(i % from.rows, s.chosen[i / from.rows]);
    }
};

/// Afterwards one block moves the count on.
template <class T> struct CountKeptBlock {
    static constexpr int threads = 1024, phases = 3;
    struct Args {
        View<const T> image;
        AppendKept to;
    };
    using Shared = BlockSum<int, threads>;

    template <int P> POSEAUG_HD static void phase(const Args& a, Shared& s, const Lane& lane) {
        if constexpr (P == 0) {
            int kept = 0;
            for (int c = lane.thread; c < a.image.cols; c += threads)
                kept += inside_image(a.image, c, a.to.two_sided != 0);
            s.put(lane.thread, kept);
        }
        if constexpr (P == 1) s.fold(lane.thread);
        if constexpr (P == 2)
            if (lane.thread == 0) *a.to.count += s.total();
    }
};

struct AppendKeptKernels {
    using Params = AppendKept;

    template <class T, class L> static void value(L& launch, const Call<T>& call) {
        using Block = AppendKeptBlock<T>;
        const auto to = call.attributes.template as<Params>();
        launch.template blocks<Block>({call.in[0], call.in[1], to},
                                      (call.in[0].cols + Block::columns - 1) / Block::columns);
        launch.template blocks<CountKeptBlock<T>>({call.in[0], to}, 1);
    }
};

} // namespace poseaug
