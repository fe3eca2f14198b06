#include "bench/ceilings.hpp"

#include "bench/op_calls.hpp"
#include "engine/matmul.hpp"
#include "kernels/sampling.hpp"

#include <algorithm>
#include <cstring>

namespace poseaug::bench {
namespace {

constexpr int kRuns = 8;

/// Seconds of the fastest of several runs, after one that does not count.
template <class F> double fastest(Device& device, const F& run) {
    run();
    device.synchronize();
    double best = 0;
    for (int i = 0; i < kRuns; ++i) {
        device.start_timer();
        run();
        const double seconds = device.stop_timer();
        best = i == 0 ? seconds : std::min(best, seconds);
    }
    return best;
}

void copy(Device& device, std::byte* to, const std::byte* from, std::size_t bytes) {
    if (device.is_cuda()) return device.copy(to, from, bytes);
    constexpr std::size_t piece = std::size_t{1} << 20U;
    device.queue().pool->parallel_for(static_cast<int>(bytes / piece), [&](int k) {
        const std::size_t at = static_cast<std::size_t>(k) * piece;
        std::memcpy(to + at, from + at, piece);
    });
}

} // namespace

double measure_copy_bandwidth(Device& device) {
    const std::size_t bytes = std::max<std::size_t>(std::size_t{256} << 20U, device.cache_bytes() * 8 >> 20U << 20U);
    const auto count = static_cast<std::int64_t>(bytes);
    const DeviceArray<std::byte> from(device, count), to(device, count);
    device.zero(from.data(), bytes);
    const double seconds = fastest(device, [&] { copy(device, to.data(), from.data(), bytes); });
    return 2.0 * static_cast<double>(bytes) / seconds;
}

double measure_product_rate(Device& device) {
    const int side = device.is_cuda() ? 8192 : 2048;
    Arena arena(device);
    Stream<float> stream(device);
    Call<float> call;
    for (auto& in : {&call.in[0], &call.in[1]}) {
        // numbers as a training has them: a processor that multiplies zeros draws less power and may run faster
        const View<float> matrix = arena.matrix<float>(side, side);
        const Sample::Matrix normal = sampling::normal(1, side);
        const std::vector<float> row(normal.values.begin(), normal.values.end());
        for (int r = 0; r < side; ++r) device.upload(matrix.row(r), row.data(), row.size() * sizeof(float));
        *in = matrix;
    }
    call.out[0] = arena.matrix<float>(side, side);
    const Op op = matmul_op();
    const double seconds = fastest(device, [&] { stream.run(op, Direction::value, call); });
    return 2.0 * side * side * side / seconds;
}

} // namespace poseaug::bench
