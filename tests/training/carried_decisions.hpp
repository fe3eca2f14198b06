#pragma once
#include "models/augmentor.hpp"
#include "tests/workbench.hpp"
#include "training/random_decisions.hpp"

namespace poseaug::test {

/// PhiloxDecisions with the noise drawn on the CPU, whatever the device. A GPU's logarithm and sine differ from the
/// CPU's in the last digit of a float; all other decisions are whole numbers, the same everywhere.
template <class T> class CarriedDecisions final : public RandomDecisions<T> {
public:
    CarriedDecisions(Device& device, std::uint64_t seed, const StepState* state)
        : device_(device), seed_(seed), state_(state), others_(device, seed, state),
          cpu_(open_device({.kind = "cpu", .threads = 1})) {
        noise_ = DeviceArray<T>(device, kMostPoses * kRows);
    }
    void order(Order which, int epoch, std::int32_t* to, std::int64_t n) override {
        others_.order(which, epoch, to, n);
    }
    void swap(int epoch, std::int32_t* to, std::int64_t n, std::int32_t subjects) override {
        others_.swap(epoch, to, n, subjects);
    }
    void before_step(int, std::int64_t, int cols) override {
        REQUIRE(cols <= kMostPoses);
        StepState now;
        device_.download(&now, state_, sizeof now);
        Workbench<T> bench(*cpu_);
        PhiloxDecisions<T> draws(*cpu_, seed_, &now);
        const View<T> drawn = bench.filled(kRows, cols, 0);
        draws.noise(bench.stream, drawn);
        std::vector<T> pose_major;
        for (int c = 0; c < cols; ++c)
            for (int r = 0; r < kRows; ++r) pose_major.push_back(drawn(r, c));
        device_.upload(noise_.data(), pose_major.data(), pose_major.size() * sizeof(T));
    }
    void noise(Stream<T>& stream, View<T> to) override {
        Call<T> call;
        call.attributes = Attributes::of(Gather{noise_.data()});
        call.out[0] = to;
        stream.run(gather_procedure(), call);
    }
    void pool(Stream<T>& stream, int q, std::int64_t capacity, View<T> to) override {
        others_.pool(stream, q, capacity, to);
    }
    RandomKey dropout(std::uint32_t stream) override { return others_.dropout(stream); }

private:
    static constexpr std::int64_t kMostPoses = 64;
    static constexpr int kRows = 4 * kNoise;
    Device& device_;
    std::uint64_t seed_;
    const StepState* state_;
    PhiloxDecisions<T> others_;
    std::unique_ptr<Device> cpu_;
    DeviceArray<T> noise_;
};

} // namespace poseaug::test
