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
    /// A free place for a label, which is then taken: `distance` from its point, or up to `farthest` where all around is
    /// full; none if that is full too.
    std::optional<Box> place(Point point, double width, double height, double distance, double farthest);

private:
    std::optional<Box> beside(Point point, double width, double height, double distance) const;
    bool is_free(const Box& box) const;

    Box bounds_;
    std::vector<Box> taken_;
};

} // namespace poseaug::bench
