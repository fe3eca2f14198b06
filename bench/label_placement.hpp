#pragma once
#include "bench/svg.hpp"

#include <optional>
#include <vector>

namespace poseaug::bench {

/// Finds room for the labels of points, so that none covers a point, a line or another label.
class LabelPlacement {
public:
    explicit LabelPlacement(const Box& bounds) : bounds_(bounds) {}
    /// Nothing may cover this.
    void keep_free(const Box& box) { taken_.push_back(box); }
    /// Nothing may cover this line.
    void keep_free(Point from, Point to);
    /// A free place for a label at `distance` from its point, which is then taken; none if all around is full.
    std::optional<Box> place(Point point, double width, double height, double distance);
    /// Whether nothing of a line would be covered.
    bool is_free(Point from, Point to) const;

private:
    bool is_free(const Box& box) const;

    Box bounds_;
    std::vector<Box> taken_;
};

} // namespace poseaug::bench
