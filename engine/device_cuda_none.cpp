#include "engine/device.hpp"

namespace poseaug {

bool built_with_cuda() { return false; }

const char* why_no_cuda() { return "this build has no CUDA (configure with -DPOSEAUG_CUDA=ON)"; }

std::unique_ptr<Device> open_cuda_device(const DeviceOptions&) { throw Error(why_no_cuda()); }

} // namespace poseaug
