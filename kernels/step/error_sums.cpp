#include "kernels/skeleton.hpp"
#include "kernels/step/procedure.hpp"
#include "kernels/step/procedures.hpp"

namespace poseaug {
namespace {

struct SumErrorsCpu {
    template <class T> static void run(Queue& queue, const Call<T>& call) {
        const auto p = call.attributes.template as<SumErrors>();
        queue.pool->parallel_for(static_cast<int>(p.count), [&](int k) {
            double* const sums = p.sums + item_element(k, call.in[0].cols + 1, 0);
            add_up(call, p.runs[k], sums);
        });
    }

private:
    template <class T> static void add_up(const Call<T>& call, const PoseRun& run, double* sums) {
        const auto& errors = call.in[0];
        std::fill_n(sums, errors.cols + 1, 0.0);
        for (std::int64_t i = run.first; i < run.first + run.count; ++i)
            for (int c = 0; c < errors.cols; ++c)
                sums[c] += static_cast<double>(errors.data[item_element(i, errors.cols, c)]);
        double& moved = sums[errors.cols];
        for (std::int64_t i = run.first + run.still; i < run.first + run.count; ++i) {
            const std::int64_t at = item_element(i, 3 * kJoints, 0);
            for (int j = 0; j < kJoints; ++j)
                moved += displacement_error(call.in[1].data + at, call.in[2].data + at, j) / kJoints;
        }
    }
};

} // namespace

const Procedure& sum_errors_procedure() {
    static const Procedure procedure = [] {
        Procedure p = make_procedure<SumErrors, SumErrorsCpu>(
            "means over poses and MPJVE (Pavllo et al. 2019): public evaluation procedure",
            [](int batch) {
                return UsualShapes{{{batch, 35}, {batch, 48}, {batch, 48}}, {}, {}};
            },
            {"Adds up the errors of an evaluation's poses by runs of a clip, so that the host reads sums alone.",
             "sums[run, e] = sum over its poses of errors[pose, e], in float64\n"
             "sums[run, last] = sum over its poses that follow a frame of the mean over joints of "
             "|estimate[pose] - estimate[pose - 1] - (truth[pose] - truth[pose - 1])|, truth relative to the hip, mm",
             "The download of every pose's errors and estimate, and the sums over them by the host.",
             {{"errors", "(n, E), pose-major"}, {"estimates", "(n, 48), pose-major"}, {"truth", "(n, 48), pose-major"}},
             {},
             {}});
        p.flops = 4;
        return p;
    }();
    return procedure;
}

} // namespace poseaug
