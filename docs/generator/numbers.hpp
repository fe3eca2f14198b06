#pragma once
#include <string>

namespace poseaug::pages {

/// A count for people: 96, 1.05 M, 8.6 G.
std::string count(double n);
/// A ratio: 0.25, 3.4, 170.
std::string ratio(double r);
/// 1e-12.
std::string power_of_ten(double p);
/// A time for people: 3.1 us, 12 ms.
std::string duration(double seconds);

} // namespace poseaug::pages
