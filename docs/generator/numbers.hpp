#pragma once
#include <string>

namespace poseaug::pages {

/// A count for people: 96, 1.05 M, 8.6 G.
std::string count(double n);
/// A ratio with two digits: 0.25, 3.4, 120.
std::string ratio(double r);
/// A time for people: 3.1 us, 12 ms.
std::string duration(double seconds);

} // namespace poseaug::pages
