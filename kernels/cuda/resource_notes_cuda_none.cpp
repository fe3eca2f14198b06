#include "kernels/cuda/resources.hpp"

namespace poseaug {

std::string_view resource_notes() { return {}; }

} // namespace poseaug
