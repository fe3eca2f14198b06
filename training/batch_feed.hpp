#pragma once
#include "training/batches.hpp"

namespace poseaug {

/// Takes the batches of a pass from pose-major data by an order. From the device's memory they are gathered in the step
/// that needs them. From the host's, each is fetched a step ahead to a place on the device, from where its step gathers
/// it: that place and the step's own tensor are the two halves of a double buffer.
template <class T> class BatchFeed {
public:
    /// items (n, rows) and `order`, all of whose elements must be items, must outlive the feed. It serves every batch of
    /// `batch` poses, or every `every`-th.
    BatchFeed(Device& device, const DeviceArray<T>& items, int rows, const DeviceArray<std::int32_t>& order,
              const StepState* state, int batch, int every = 1)
        : items_(items), order_(order), rows_(rows), batch_(batch), every_(every), state_(state),
          near_(device, items.where() == Memory::host ? std::int64_t{batch} * rows : 0) {}

    /// Before a pass, at its first batch: has the batch that is taken first, number `first`, fetched.
    void begin(Stream<T>& stream, int first = 0) {
        if (is_fetched()) fetch(stream, first);
    }
    /// The batch that the step is at, to a (rows, cols) tensor; part of a step.
    void take(Stream<T>& stream, View<T> to) {
        if (!is_fetched()) return gather_to<T>(stream, to, {}, {items_.data(), order_.data(), state_, batch_});
        gather_to<T>(stream, to, {}, {near_.data(), nullptr, nullptr, batch_});
        stream.beside([&] { fetch(stream, every_); });
    }
    /// The batches of two feeds of the same order, in one gather where both lie on the device.
    friend void take_together(Stream<T>& stream, BatchFeed& a, View<T> to_a, BatchFeed& b, View<T> to_b) {
        if (!a.is_fetched() && !b.is_fetched())
            return gather_to<T>(stream, to_a, to_b,
                                {a.items_.data(), a.order_.data(), a.state_, a.batch_, b.items_.data()});
        a.take(stream, to_a);
        b.take(stream, to_b);
    }

private:
    bool is_fetched() const { return near_.size() > 0; }
    void fetch(Stream<T>& stream, int ahead) {
        Call<T> call;
        call.attributes = Attributes::of(Fetch{items_.data(), order_.data(), state_, batch_, order_.size(), ahead});
        call.out[0] = {near_.data(), batch_, rows_, rows_};
        stream.run(fetch_procedure(), call);
    }

    const DeviceArray<T>& items_;
    const DeviceArray<std::int32_t>& order_;
    int rows_, batch_, every_;
    const StepState* state_;
    DeviceArray<T> near_; ///< a batch, pose-major; none where the data are on the device
};

} // namespace poseaug
