#include "bench/label_placement.hpp"

#include <algorithm>
#include <cmath>

namespace poseaug::bench {

namespace {

bool overlap(const Box& a, const Box& b) {
    return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

} // namespace

void LabelPlacement::keep_free(Point from, Point to) {
    constexpr double kStep = 4; // pixels from one box along the line to the next
    const int steps = std::max(1, static_cast<int>(std::hypot(to.x - from.x, to.y - from.y) / kStep));
    for (int i = 0; i <= steps; ++i) {
        const double share = static_cast<double>(i) / steps;
        taken_.push_back({std::lerp(from.x, to.x, share) - 1, std::lerp(from.y, to.y, share) - 1, 2, 2});
    }
}

bool LabelPlacement::is_free(const Box& box) const {
    const bool inside = box.x >= bounds_.x && box.y >= bounds_.y && box.x + box.width <= bounds_.x + bounds_.width &&
                        box.y + box.height <= bounds_.y + bounds_.height;
    return inside && std::ranges::none_of(taken_, [&](const Box& other) { return overlap(box, other); });
}

std::optional<Box> LabelPlacement::beside(Point point, double width, double height, double distance) const {
    const double right = point.x + distance, left = point.x - distance - width, centred = point.x - width / 2;
    const double above = point.y - distance - height, below = point.y + distance, level = point.y - height / 2;
    const double near = distance * 0.6; // corners are closer to the point than sides
    for (const Point corner :
         {Point{right, level}, Point{left, level}, Point{centred, above}, Point{centred, below},
          Point{point.x + near, point.y - near - height}, Point{point.x + near, point.y + near},
          Point{point.x - near - width, point.y - near - height}, Point{point.x - near - width, point.y + near}}) {
        const Box box{corner.x, corner.y, width, height};
        if (is_free(box)) return box;
    }
    return std::nullopt;
}

std::optional<Box> LabelPlacement::place(Point point, double width, double height, double distance, double farthest) {
    constexpr double kFarther = 8; // pixels from one attempt to the next
    std::optional<Box> box;
    for (double d = distance; !box && d <= farthest; d += kFarther) box = beside(point, width, height, d);
    if (box) keep_free(*box);
    return box;
}

} // namespace poseaug::bench
