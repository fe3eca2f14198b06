#include "kernels/column_driver.hpp"
#include "kernels/cuda/block/column.hpp"
#include "kernels/pose/op_list.hpp"
#include "tests/kernels/cuda/compare.hpp"

// The GPU's driver of column ops, run on the CPU, against the CPU's own.

using namespace poseaug;
using namespace poseaug::testing;

namespace {

/// The differentiable inputs of O, one of them to be added to.
template <class O, class F> void check_both(std::string label, const F& prepare) {
    const Op op = column_op<O>();
    OpPair<ColumnKernels<O>, double>(op, label, prepare).check_value();
    if constexpr (O::differentiable != 0) {
        OpPair<ColumnKernels<O>, double>(op, label, prepare).check_vjp(0b01);
        OpPair<ColumnKernels<O>, double>(op, label, prepare).check_vjp(0b10);
        OpPair<ColumnKernels<O>, double>(op, label + ", gradient of the last input alone", prepare)
            .check_vjp(0, 1U << (O::In::count - 1));
    }
}

template <class O> void check_samples() {
    for (const Sample& sample : O::samples()) {
        if (!sample.smooth) continue; // at a kink rounding decides
        check_both<O>(sample.label, [&](OwnCall<double>& own) {
            own.call.attributes = sample.attributes;
            for (std::size_t i = 0; i < sample.in.size(); ++i) {
                const Sample::Matrix& m = sample.in[i];
                const View<double> view = own.empty({m.rows, m.cols});
                for (int r = 0; r < m.rows; ++r)
                    for (int c = 0; c < m.cols; ++c) view(r, c) = m.values[static_cast<std::size_t>(r * m.cols + c)];
                own.call.in[i] = view;
            }
        });
    }
}

} // namespace

TEST_CASE("the GPU's column driver does what the CPU's does, on every op's samples") {
    for_each_type(PoseOps{}, []<class O>() { check_samples<O>(); });
}

TEST_CASE("losses on the GPU take every column once, however many") {
    using Loss = LeastSquares;
    for (const int batch : {1, 63, 64, 65, 1000, 70000})
        check_both<Loss>("batch " + std::to_string(batch), [&](OwnCall<double>& own) {
            own.call.attributes = Attributes::of(Loss::Params{1, 3});
            own.call.in[0] = own.normal({1, batch});
        });
}

TEST_CASE("a cotangent that is absent counts as zero") {
    using O = UnitBones;
    const Op op = column_op<O>();
    OwnCall<double> expected(3), found(3);
    for (OwnCall<double>* side : {&expected, &found}) {
        side->call.in[0] = side->normal({48, 37});
        side->call.d_out[1] = side->normal({15, 37});
        side->call.d_in[0] = side->empty({48, 37});
    }
    Queue queue = host_queue();
    op.f64.vjp.cpu(queue, expected.call);
    HostRunner launch(4);
    ColumnKernels<O>::vjp(launch, found.call);
    CHECK(difference(found.call.d_in[0], expected.call.d_in[0]) < 1e-12);
}
