#include "bench/label_placement.hpp"

#include <algorithm>
#include <cmath>

namespace poseaug::bench {

namespace {

bool overlap(const Box& a, const Box& b) {
    return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

/// Small boxes that cover a line.
std::vector<Box> boxes_along(Point from, Point to) {
    constexpr double kStep = 4; // pixels from one to the next
    const int steps = std::max(1, static_cast<int>(std::hypot(to.x - from.x, to.y - from.y) / kStep));
    std::vector<Box> boxes;
    for (int i = 0; i <= steps; ++i) {
        const double share = static_cast<double>(i) / steps;
        boxes.push_back({std::lerp(from.x, to.x, share) - 1, std::lerp(from.y, to.y, share) - 1, 2, 2});
    }
    return boxes;
}

} // namespace

void LabelPlacement::keep_free(Point from, Point to) {
    for (const Box& box : boxes_along(from, to)) keep_free(box);
}

bool LabelPlacement::is_free(Point from, Point to) const {
    return std::ranges::all_of(boxes_along(from, to), [&](const Box& box) { return is_free(box); });
}

bool LabelPlacement::is_free(const Box& box) const {
    const bool inside = box.x >= bounds_.x && box.y >= bounds_.y && box.x + box.width <= bounds_.x + bounds_.width &&
                        box.y + box.height <= bounds_.y + bounds_.height;
    return inside && std::ranges::none_of(taken_, [&](const Box& other) { return overlap(box, other); });
}

std::optional<Box> LabelPlacement::place(Point point, double width, double height, double distance) {
    const double right = point.x + distance, left = point.x - distance - width, centred = point.x - width / 2;
    const double above = point.y - distance - height, below = point.y + distance, level = point.y - height / 2;
    const double near = distance * 0.6; // corners are closer to the point than sides
    for (const Point corner :
         {Point{right, level}, Point{left, level}, Point{centred, above}, Point{centred, below},
          Point{point.x + near, point.y - near - height}, Point{point.x + near, point.y + near},
          Point{point.x - near - width, point.y - near - height}, Point{point.x - near - width, point.y + near}}) {
        const Box box{corner.x, corner.y, width, height};
        if (!is_free(box)) continue;
        keep_free(box);
        return box;
    }
    return std::nullopt;
}

} // namespace poseaug::bench
