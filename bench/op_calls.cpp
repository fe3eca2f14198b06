#include "bench/op_calls.hpp"

#include "bench/usual_call.hpp"

#include <algorithm>
#include <cmath>

namespace poseaug::bench {

OpCalls::OpCalls(Device& device, const Op& op, int batch, int most_sets) : arena_(device), stream_(device), op_(op) {
    constexpr double caches = 2;
    const UsualCall usual = usual_call(op, batch);
    attributes_ = usual.attributes;
    add_set(usual.in, usual.state);
    const double bytes = std::max(1.0, work(Direction::value).bytes);
    const double wanted = std::ceil(caches * static_cast<double>(device.cache_bytes()) / bytes);
    for (double set = 1; set < std::min<double>(wanted, most_sets); ++set) add_set(usual.in, usual.state);
}

void OpCalls::add_set(const std::vector<Sample::Matrix>& in, const std::vector<Sample::Matrix>& state) {
    Call<float> call;
    call.attributes = attributes_;
    Shape in_shapes[kMaxInputs], out_shapes[kMaxOutputs];
    for (std::size_t i = 0; i < in.size(); ++i) {
        if (in[i].values.empty()) continue;
        const View<float> input = put(in[i]);
        call.in[i] = input;
        in_shapes[i] = input.shape();
        if (op_.differentiable >> i & 1U) call.d_in[i] = room(input.shape());
    }
    for (std::size_t k = 0; k < state.size(); ++k) call.state[k] = put(state[k]);
    op_.shapes(attributes_, in_shapes, out_shapes);
    for (int k = 0; k < op_.outputs; ++k) {
        call.out[k] = room(out_shapes[k]);
        if ((op_.auxiliary >> k & 1U) || op_.weight) continue;
        const View<float> gradient = put({out_shapes[k].rows, out_shapes[k].cols,
                                          std::vector<double>(static_cast<std::size_t>(call.out[k].size()), 1.0)});
        call.d_out[k] = gradient;
    }
    if (op_.scratch) {
        const std::int64_t elements = op_.scratch(attributes_, in_shapes);
        call.scratch = static_cast<float*>(arena_.allocate(static_cast<std::size_t>(elements) * sizeof(float)));
    }
    calls_.push_back(call);
}

View<float> OpCalls::put(const Sample::Matrix& matrix) {
    const View<float> view = arena_.matrix<float>(matrix.rows, matrix.cols);
    const std::vector<float> values(matrix.values.begin(), matrix.values.end());
    const auto cols = static_cast<std::size_t>(matrix.cols);
    for (int r = 0; r < view.rows; ++r)
        arena_.device().upload(view.row(r), values.data() + static_cast<std::size_t>(r) * cols, cols * sizeof(float));
    return view;
}

Plan<float> OpCalls::record(Direction direction) {
    for (const Call<float>& call : calls_) stream_.run(op_, Direction::value, call);
    return stream_.record([&] {
        for (const Call<float>& call : calls_) stream_.run(op_, direction, call);
    });
}

} // namespace poseaug::bench
