#include "kernels/pose/ops.hpp"
#include "bench/places.hpp"
#include "engine/arena.hpp"
#include "engine/registry.hpp"
#include "engine/stream.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>

// Every op of the registry by itself, in float32, on its first sample widened: pose ops to a batch of 1024 poses, the
// others to 1024 in every extent above one (a layer of the published width).

namespace poseaug::bench {
namespace {

/// A sample's operands on a device, widened, and room for all that the op writes.
class Operands {
public:
    Operands(Device& device, const Op& op, bool of_poses) : arena_(device), stream_(device), op_(op) {
        const Sample sample = op.samples().front();
        call_.attributes = sample.attributes;
        Shape in[kMaxInputs], out[kMaxOutputs];
        for (std::size_t i = 0; i < sample.in.size(); ++i) {
            if (sample.in[i].values.empty()) continue;
            const auto input = put(sample.in[i], of_poses);
            call_.in[i] = input;
            in[i] = input.shape();
            if (op.differentiable >> i & 1U) call_.d_in[i] = arena_.matrix<float>(in[i].rows, in[i].cols);
        }
        for (std::size_t k = 0; k < sample.state.size(); ++k) call_.state[k] = put(sample.state[k], of_poses);
        op.shapes(call_.attributes, in, out);
        for (int k = 0; k < op.outputs; ++k) {
            call_.out[k] = arena_.matrix<float>(out[k].rows, out[k].cols);
            if (!(op.auxiliary >> k & 1U)) call_.d_out[k] = arena_.matrix<float>(out[k].rows, out[k].cols);
        }
        if (op.scratch)
            call_.scratch = static_cast<float*>(
                arena_.allocate(static_cast<std::size_t>(op.scratch(call_.attributes, in)) * sizeof(float)));
    }
    void run(bool backward) { stream_.run(op_, backward ? Direction::vjp : Direction::value, call_); }

    /// Read and written by one call: what its interface makes it touch at least.
    std::int64_t bytes(bool backward) const {
        std::int64_t elements = 0;
        for (int i = 0; i < op_.inputs; ++i) {
            if (!backward || (op_.saved_in >> i & 1U)) elements += call_.in[i].size();
            if (backward) elements += call_.d_in[i].size();
        }
        for (int k = 0; k < op_.outputs; ++k) {
            if (!backward || (op_.saved_out >> k & 1U)) elements += call_.out[k].size();
            if (backward) elements += call_.d_out[k].size();
        }
        return elements * static_cast<std::int64_t>(sizeof(float));
    }

private:
    View<float> put(const Sample::Matrix& m, bool of_poses) {
        const auto widened = [](int extent) { return extent > 1 ? kBatch : 1; };
        const View<float> view = arena_.matrix<float>(of_poses ? m.rows : widened(m.rows), widened(m.cols));
        std::vector<float> row(static_cast<std::size_t>(view.cols));
        for (int r = 0; r < view.rows; ++r) {
            for (int c = 0; c < view.cols; ++c)
                row[static_cast<std::size_t>(c)] =
                    static_cast<float>(m.values[static_cast<std::size_t>(r % m.rows * m.cols + c % m.cols)]);
            arena_.device().upload(view.row(r), row.data(), row.size() * sizeof(float));
        }
        return view;
    }

    Arena arena_;
    Stream<float> stream_;
    const Op& op_;
    Call<float> call_;
};

void run_op(benchmark::State& state, Place& place, const Op& op, bool of_poses, bool backward) {
    Device& device = place.device();
    Operands operands(device, op, of_poses);
    operands.run(false); // what the backward reads
    operands.run(backward);
    device.synchronize();
    for (auto _ : state) {
        operands.run(backward);
        device.synchronize();
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * operands.bytes(backward));
}

} // namespace

void register_ops(const std::vector<std::shared_ptr<Place>>& places) {
    const auto of_poses = pose_ops();
    for (const auto& place : places) {
        if (place->precision() != "float32") continue;
        for (const Op& op : registry()) {
            const bool pose =
                std::any_of(of_poses.begin(), of_poses.end(), [&](const Op& p) { return p.name == op.name; });
            for (const bool backward : {false, true}) {
                if (backward && op.differentiable == 0) continue;
                const std::string name = "op/" + std::string(op.name) + (backward ? "/backward/" : "/forward/") +
                                         std::to_string(kBatch) + "/" + place->kind();
                benchmark::RegisterBenchmark(name.c_str(), [place, &op, pose, backward](benchmark::State& state) {
                    run_op(state, *place, op, pose, backward);
                })->UseRealTime();
            }
        }
    }
}

} // namespace poseaug::bench
