#include "kernels/step/procedure.hpp"
#include "kernels/step/procedures.hpp"

#include <cmath>

namespace poseaug {
namespace {

struct EndStepCpu {
    template <class T> static void run(Queue&, const Call<T>& call) {
        const auto p = call.attributes.template as<EndStep>();
        int figure = 0;
        for (const View<const T>& in : call.in)
            for (int r = 0; r < in.rows; ++r, ++figure) {
                double sum = 0;
                for (int c = 0; c < in.cols; ++c) sum += static_cast<double>(in(r, c));
                p.sums[figure] += sum;
                if (!std::isfinite(sum) && p.first_bad[figure] < 0) p.first_bad[figure] = p.state->batch;
            }
        ++p.state->counter;
        ++p.state->batch;
    }
};

/// Those of an augmentor's step with the discriminators.
UsualShapes end_step_usual(int batch) {
    const int runs = (batch + 63) / 64;
    return {{{1, runs}, {1, runs}, {2, runs}, {2, runs}, {3, runs}, {3, runs}}, {}, {}};
}

} // namespace

const Procedure& end_step_procedure() {
    static const Procedure procedure = [] {
        Procedure p = make_procedure<EndStep, EndStepCpu>(
            "the epoch's figures; recorded steps: docs/design.md", end_step_usual,
            {"Adds a step's losses to the epoch's figures, and moves the step's counters on, so that a recorded step "
             "draws "
             "anew and takes the next batch when it is replayed.",
             "figure = sum over the columns of a row\n"
             "sums[figure] += figure in float64;  first_bad[figure] = number of the first batch whose figure was not "
             "finite\n"
             "counter += 1,  batch += 1",
             "The last step of every loss's mean, a read of every figure by the host, and an upload by the host before "
             "every step.",
             {{"a", "(R1, C1), optional"},
              {"b", "(R2, C2), optional"},
              {"c", "(R3, C3), optional"},
              {"d", "(R4, C4), optional"},
              {"e", "(R5, C5), optional"},
              {"f", "(R6, C6), optional"}},
             {},
             {}});
        p.flops = 1;
        return p;
    }();
    return procedure;
}

} // namespace poseaug
