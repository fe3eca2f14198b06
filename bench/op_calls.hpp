#pragma once
#include "engine/arena.hpp"
#include "engine/registry.hpp"
#include "engine/stream.hpp"

namespace poseaug::bench {

/// An op's usual call on a device, again and again on operands of their own, in float32.
class OpCalls {
public:
    /// As many sets of operands as together exceed the device's last cache, so that a call finds its own in memory; at
    /// most `most_sets`.
    OpCalls(Device& device, const Op& op, int batch, int most_sets = 4096);

    /// Records a forward or backward call on each set. The forward is run before, since the backward reads what it wrote.
    Plan<float> record(Direction direction);
    int sets() const { return static_cast<int>(calls_.size()); }
    /// Of one call.
    Work work(Direction direction) const { return work_of(op_, direction, calls_.front()); }

private:
    void add_set(const std::vector<Sample::Matrix>& in, const std::vector<Sample::Matrix>& state);
    View<float> put(const Sample::Matrix& matrix);
    View<float> room(Shape shape) { return arena_.matrix<float>(shape.rows, shape.cols); }

    Arena arena_;
    Stream<float> stream_;
    const Op& op_;
    Attributes attributes_;
    std::vector<Call<float>> calls_;
};

} // namespace poseaug::bench
