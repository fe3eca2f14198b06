#include "kernels/instructions.hpp"

namespace poseaug {

std::vector<Instructions> runnable_variants() { return {}; }

} // namespace poseaug
