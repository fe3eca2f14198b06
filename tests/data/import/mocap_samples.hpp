#pragma once
#include <string>

namespace poseaug::testing {

/// A person of Mixamo's joints, in centimetres with y up, looking along z, 1.7 m tall, who glides `speed` cm a frame
/// along x and swings arms and legs.
std::string person_bvh(int frames, double rate = 50, double speed = 0, double scale = 1);

/// A person of CMU's bones, in CMU's unit with y up, looking along z.
std::string person_asf();
/// Frames of its motion.
std::string person_amc(int frames);

} // namespace poseaug::testing
