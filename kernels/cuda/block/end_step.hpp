#pragma once
#include "kernels/cuda/block/lane.hpp"
#include "kernels/step/procedures.hpp"

namespace poseaug {

/// One block: a group of threads sums a figure's row, one of them adds it to the epoch's sum.
template <class T> struct EndStepBlock {
    static constexpr int group = 32, threads = kMaxFigures * group, phases = 3;
    struct Args {
        View<const T> in[kMaxInputs];
        EndStep end;
    };
    struct Shared {
        double part[kMaxFigures][group];
        bool given[kMaxFigures];
    };

    template <int P> POSEAUG_HD static void phase(const Args& a, Shared& s, const Lane& lane) {
        if constexpr (P == 0) add_row(a, s, lane.thread / group, lane.thread % group);
        if constexpr (P == 1)
            if (lane.thread < kMaxFigures && s.given[lane.thread]) add_figure(a, s.part[lane.thread], lane.thread);
        if constexpr (P == 2) {
            if (lane.thread != 0) return;
            ++a.end.state->counter;
            ++a.end.state->batch;
        }
    }

private:
    POSEAUG_HD static void add_row(const Args& a, Shared& s, int figure, int lane) {
        int row = figure;
        double sum = 0;
        bool given = false;
        for (int i = 0; i < kMaxInputs; ++i) {
            const View<const T>& in = a.in[i];
            if (row >= 0 && row < in.rows) {
                given = true;
                for (int c = lane; c < in.cols; c += group) sum += static_cast<double>(in(row, c));
            }
            row -= in.rows;
        }
        s.part[figure][lane] = sum;
        if (lane == 0) s.given[figure] = given;
    }
    POSEAUG_HD static void add_figure(const Args& a, const double* part, int figure) {
        double sum = 0;
        for (int k = 0; k < group; ++k) sum += part[k];
        a.end.sums[figure] += sum;
        const bool finite = sum - sum == 0;
        if (!finite && a.end.first_bad[figure] < 0) a.end.first_bad[figure] = a.end.state->batch;
    }
};

struct EndStepKernels {
    using Params = EndStep;

    template <class T, class L> static void value(L& launch, const Call<T>& call) {
        typename EndStepBlock<T>::Args args{{}, call.attributes.template as<Params>()};
        for (int i = 0; i < kMaxInputs; ++i) args.in[i] = call.in[i];
        launch.template blocks<EndStepBlock<T>>(args, 1);
    }
};

} // namespace poseaug
