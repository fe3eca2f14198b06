#pragma once
#include "kernels/cuda/block/block_sum.hpp"
#include "kernels/cuda/block/lane.hpp"
#include "kernels/skeleton.hpp"
#include "kernels/step/procedures.hpp"

namespace poseaug {

/// A block has a run. Its errors' columns are shared by as many threads as there are to each, which take turns at the
/// poses; then the threads take turns at the joints of the poses that moved.
template <class T> struct SumErrorsBlock {
    static constexpr int threads = 256, phases = 3;
    struct Args {
        View<const T> errors, estimates, truth;
        SumErrors to;
    };
    struct Shared {
        double of_turn[threads];
        BlockSum<double, threads> moved;
    };

    template <int P> POSEAUG_HD static void phase(const Args& a, Shared& s, const Lane& lane) {
        const PoseRun run = a.to.runs[lane.block];
        const int columns = a.errors.cols, turns = threads / columns;
        double* const sums = a.to.sums + item_element(lane.block, columns + 1, 0);
        if constexpr (P == 0) {
            double sum = 0;
            if (lane.thread < turns * columns)
                for (int i = lane.thread / columns; i < run.count; i += turns)
                    sum += static_cast<double>(pose(a.errors, run, i)[lane.thread % columns]);
            s.of_turn[lane.thread] = sum;
            s.moved.put(lane.thread, moved(a, run, lane.thread));
        }
        if constexpr (P == 1) {
            s.moved.fold(lane.thread);
            if (lane.thread < columns) {
                double sum = 0;
                for (int turn = 0; turn < turns; ++turn) sum += s.of_turn[turn * columns + lane.thread];
                sums[lane.thread] = sum;
            }
        }
        if constexpr (P == 2)
            if (lane.thread == 0) sums[columns] = s.moved.total() / kJoints;
    }

private:
    POSEAUG_HD static const T* pose(const View<const T>& poses, const PoseRun& run, int i) {
        return poses.data + item_element(run.first + i, poses.cols, 0);
    }
    POSEAUG_HD static double moved(const Args& a, const PoseRun& run, int thread) {
        double sum = 0;
        for (int i = run.still * kJoints + thread; i < run.count * kJoints; i += threads)
            sum +=
                displacement_error(pose(a.estimates, run, i / kJoints), pose(a.truth, run, i / kJoints), i % kJoints);
        return sum;
    }
};

struct SumErrorsKernels {
    using Params = SumErrors;

    template <class T, class L> static void value(L& launch, const Call<T>& call) {
        const auto to = call.attributes.template as<Params>();
        launch.template blocks<SumErrorsBlock<T>>({call.in[0], call.in[1], call.in[2], to}, to.count);
    }
};

} // namespace poseaug
